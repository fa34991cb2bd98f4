package io.fundamentallm.webservice.request;

import static java.util.stream.Collectors.joining;

import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.webservice.constraint.ClientSpecs;
import io.fundamentallm.webservice.constraint.ResponseFormats;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.request.GenerationFields.Held;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.List;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** Reads requests to {@code /v1/chat/completions}. Thread-safe. */
final class ChatRequests {
  /** The schema {@code true}, as an object. */
  private static final String ANY = "{}";

  private static final String ANY_OBJECT = "{\"type\":\"object\",\"additionalProperties\":true}";

  private final ServedModel model;
  private final ClientSpecs specs;
  private final GenerationFields generationFields;
  private final Limits limits;

  ChatRequests(
      ServedModel model,
      ClientSpecs specs,
      GenerationFields generationFields,
      ServiceSettings settings) {
    this.model = model;
    this.specs = specs;
    this.generationFields = generationFields;
    limits = settings.limits();
  }

  /**
   * What a request asks for.
   *
   * @throws ApiException if something is wrong with it
   */
  AnswerPlan read(Fields fields) {
    ChatTemplate template =
        model
            .generator()
            .tokenizer()
            .chatTemplate()
            .orElseThrow(
                () ->
                    ApiException.invalid(
                        "model",
                        "the model '"
                            + model.name()
                            + "' has no chat template, so it cannot be told who said what: use"
                            + " /v1/completions"));
    int unsaid = Math.min(limits.chatTokens(), limits.maxTokens());
    int older = fields.integer("max_tokens", 1, limits.maxTokens(), unsaid);
    int maxTokens = fields.integer("max_completion_tokens", 1, limits.maxTokens(), older);
    OptionalInt alternatives = alternatives(fields);
    List<ChatMessage> messages = ChatMessages.read(fields);
    HarmlessFields.readOfChat(fields);
    ChatPrompt.Builder built = ChatPrompt.builder(messages);
    ChatTools.read(fields, built, limits);
    AtomicReference<ChatPrompt> asked = new AtomicReference<>(built.build());
    check(template, asked.get());
    AnswerPlan.Prompt prompt =
        AnswerPlan.Prompt.answered(
            transcript(messages),
            () -> tokens(template, asked.get()),
            generator -> generator.chat(asked.get()));
    return generationFields.read(
        fields,
        List.of(prompt),
        false,
        maxTokens,
        alternatives,
        (sampler, format) -> held(asked, sampler, format));
  }

  /** For the log, if the settings allow texts in it. */
  private static String transcript(List<ChatMessage> messages) {
    return messages.stream().map(m -> m.role() + ": " + m.content()).collect(joining("\n"));
  }

  private OptionalInt alternatives(Fields fields) {
    boolean logprobs = fields.flag("logprobs");
    Long top = fields.integer("top_logprobs", 0, limits.alternatives());
    if (top != null && !logprobs) {
      throw fields.bad("top_logprobs", "is for requests with 'logprobs' set to true");
    }
    return logprobs ? OptionalInt.of(top == null ? 0 : top.intValue()) : OptionalInt.empty();
  }

  /**
   * What a chat's answer is held to; null if it may be anything. A format is one of the answer's
   * text alone: what the model thinks before it, and calls beside it, are no part of it.
   *
   * @param sampler the spec of the sampler
   * @param format the spec of the response's format; null for none
   */
  private @Nullable Held held(
      AtomicReference<ChatPrompt> prompt, String sampler, @Nullable String format) {
    ChatPrompt asked = prompt.get();
    if (format != null || !asked.tools().isEmpty()) {
      requireNoConstraint(sampler, format == null ? "tools" : "response_format");
    }
    if (format != null) {
      String schema = Spec.single(format).options().getOrDefault("value", ANY_OBJECT);
      try {
        asked = asked.toBuilder().answerSchema(schema.equals("true") ? ANY : schema).build();
      } catch (IllegalArgumentException e) {
        throw ApiException.invalid(
            "response_format", "'response_format' is refused: " + e.getMessage());
      }
      prompt.set(asked);
    }
    String spec = model.generator().chatConstraint(asked).orElse(null);
    if (spec == null) {
      return null;
    }
    boolean own =
        asked.tools().isEmpty() && (format == null || format.equals(ResponseFormats.JSON));
    String param =
        !asked.tools().isEmpty()
            ? "tools"
            : format != null ? "response_format" : "reasoning_budget";
    return new Held(param, own ? specs.known(param, spec) : specs.answer(param, spec));
  }

  /** Two constraints of one answer would leave nothing that both allow. */
  private static void requireNoConstraint(String sampler, String beside) {
    String constraint = ClientSpecs.constraint(sampler).orElse(null);
    if (constraint != null) {
      throw ApiException.invalid(
          "sampler",
          "the sampler holds the whole answer to '"
              + constraint
              + "', and so does '"
              + beside
              + "': leave one of them out");
    }
  }

  private int[] tokens(ChatTemplate template, ChatPrompt prompt) {
    return model.generator().tokenizer().encode(template.segments(prompt, true));
  }

  private void check(ChatTemplate template, ChatPrompt prompt) {
    int tokens;
    try {
      tokens = tokens(template, prompt).length;
    } catch (IllegalArgumentException e) {
      throw ApiException.invalid("messages", "the model's template refuses: " + e.getMessage());
    }
    int max = model.generator().model().info().contextLength();
    if (tokens > max) {
      throw ContextLength.exceeded("messages", max, String.valueOf(tokens));
    }
    if (tokens == 0) {
      throw ApiException.invalid("messages", "the model's template leaves nothing of 'messages'");
    }
  }
}

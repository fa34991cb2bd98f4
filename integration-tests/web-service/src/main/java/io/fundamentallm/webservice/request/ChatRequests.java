package io.fundamentallm.webservice.request;

import static java.util.stream.Collectors.joining;

import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatTemplate;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.springframework.stereotype.Component;
import tools.jackson.databind.JsonNode;

/** Reads requests to {@code /v1/chat/completions}. Thread-safe. */
@Component
public final class ChatRequests {
  private final ServedModel model;
  private final GenerationFields generationFields;
  private final Limits limits;

  ChatRequests(ServedModel model, GenerationFields generationFields, ServiceSettings settings) {
    this.model = model;
    this.generationFields = generationFields;
    limits = settings.limits();
  }

  /**
   * What a request asks for.
   *
   * @throws ApiException if something is wrong with it
   */
  public AnswerPlan read(Fields fields) {
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
    int older = fields.integer("max_tokens", 1, limits.maxTokens(), limits.maxTokens());
    int maxTokens = fields.integer("max_completion_tokens", 1, limits.maxTokens(), older);
    OptionalInt alternatives = alternatives(fields);
    List<ChatMessage> messages = messages(fields);
    HarmlessFields.readOfChat(fields);
    AnswerPlan.Prompt prompt =
        new AnswerPlan.Prompt(transcript(messages), generator -> generator.chat(messages));
    AnswerPlan plan =
        generationFields.read(fields, List.of(prompt), false, maxTokens, alternatives);
    check(template, messages);
    return plan;
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

  private static List<ChatMessage> messages(Fields fields) {
    JsonNode array = fields.value("messages");
    if (array == null || !array.isArray() || array.isEmpty()) {
      throw fields.bad("messages", "must be an array of at least one message");
    }
    List<ChatMessage> messages = new ArrayList<>();
    for (JsonNode message : array) {
      Fields turn = new Fields(message, "messages[" + messages.size() + "].");
      messages.add(new ChatMessage(role(turn), content(turn)));
      turn.empty("tool_calls", "no tools are called here");
      turn.empty("annotations", "these are texts alone");
      turn.requireAllRead();
    }
    return messages;
  }

  private static String role(Fields message) {
    String role = message.text("role");
    return switch (role == null ? "" : role) {
      case "system", "developer" -> "system"; // templates know the older name
      case "user" -> "user";
      case "assistant" -> "assistant";
      default -> throw message.bad("role", "must be system, developer, user or assistant");
    };
  }

  private static String content(Fields message) {
    JsonNode content = message.value("content");
    if (content != null && content.isString()) {
      message.requireWhole("content", content.stringValue());
      return content.stringValue();
    }
    if (content == null || !content.isArray()) {
      throw message.bad("content", "must be a string, or an array of parts of the type text");
    }
    StringBuilder texts = new StringBuilder();
    for (int i = 0; i < content.size(); i++) {
      Fields part = message.element("content", i);
      String text = "text".equals(part.text("type")) ? part.text("text") : null;
      if (text == null) {
        throw message.bad("content", "may only have parts of the type text");
      }
      part.requireWhole("text", text);
      part.requireAllRead();
      texts.append(texts.isEmpty() ? "" : "\n").append(text);
    }
    return texts.toString();
  }

  private void check(ChatTemplate template, List<ChatMessage> messages) {
    int tokens;
    try {
      tokens = model.generator().tokenizer().encode(template.segments(messages, true)).length;
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

package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import org.springframework.stereotype.Component;

/** Reads requests to {@code /v1/completions}. Thread-safe. */
@Component
public final class CompletionRequests {
  /** OpenAI's default. */
  private static final int MAX_TOKENS = 16;

  private final GenerationFields generationFields;
  private final Limits limits;

  CompletionRequests(GenerationFields generationFields, ServiceSettings settings) {
    this.generationFields = generationFields;
    limits = settings.limits();
  }

  /**
   * What a request asks for.
   *
   * @throws ApiException if something is wrong with it
   */
  public AnswerPlan read(Fields fields) {
    int defaultTokens = Math.min(MAX_TOKENS, limits.maxTokens());
    int maxTokens = fields.integer("max_tokens", 0, limits.maxTokens(), defaultTokens);
    Long logprobs = fields.integer("logprobs", 0, limits.alternatives());
    OptionalInt alternatives =
        logprobs == null ? OptionalInt.empty() : OptionalInt.of(logprobs.intValue());
    boolean echo = fields.flag("echo");
    String suffix = fields.text("suffix");
    if (suffix != null && !suffix.isEmpty()) {
      throw fields.bad("suffix", "must be empty, or left out: texts are only continued here");
    }
    List<String> texts = fields.texts("prompt", limits.sequences());
    for (int i = 0; i < texts.size(); i++) {
      fields.requireWhole(texts.size() == 1 ? "prompt" : "prompt[" + i + "]", texts.get(i));
    }
    if (texts.isEmpty()) {
      throw fields.bad("prompt", "is missing: a string, or an array of strings");
    }
    List<AnswerPlan.Prompt> prompts = new ArrayList<>();
    for (String text : texts) {
      prompts.add(AnswerPlan.Prompt.continued(text, generator -> generator.tokens(text)));
    }
    AnswerPlan plan =
        generationFields.read(fields, prompts, echo, maxTokens, alternatives, format -> null);
    if (texts.size() * plan.choices() > limits.sequences()) {
      throw fields.bad(
          "n", "times the prompts is more than " + limits.sequences() + ", the most allowed here");
    }
    texts.forEach(text -> check(plan.generator(), text));
    return plan;
  }

  /** Reads no more of a long prompt than it takes to see that it is too long. */
  private static void check(TextGenerator generator, String prompt) {
    Vocabulary vocabulary = generator.tokenizer().vocabulary();
    if (prompt.isEmpty() && vocabulary.bos().isEmpty() && vocabulary.eos().isEmpty()) {
      throw ApiException.invalid(
          "prompt", "'prompt' is empty, and this model has no token that begins a text");
    }
    int max = generator.model().info().contextLength();
    int begin = vocabulary.bos().isPresent() && !vocabulary.bos().equals(vocabulary.eos()) ? 1 : 0;
    int tokens = generator.tokenizer().encode(prompt, SpecialTokens.none(), max + 1).length;
    if (tokens + begin > max) {
      throw ContextLength.exceeded("prompt", max, "more than " + (max - begin));
    }
  }
}

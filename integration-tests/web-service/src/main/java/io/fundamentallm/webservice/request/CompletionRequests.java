package io.fundamentallm.webservice.request;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.json.Fields;
import io.fundamentallm.webservice.model.ServedModel;
import io.fundamentallm.webservice.settings.Limits;
import io.fundamentallm.webservice.settings.ServiceSettings;
import java.util.List;
import java.util.OptionalInt;

/** Reads requests to {@code /v1/completions}. Thread-safe. */
final class CompletionRequests {
  /** OpenAI's default. */
  private static final int MAX_TOKENS = 16;

  private final GenerationFields generationFields;
  private final ServedModel model;
  private final Limits limits;

  CompletionRequests(
      ServedModel model, GenerationFields generationFields, ServiceSettings settings) {
    this.model = model;
    this.generationFields = generationFields;
    limits = settings.limits();
  }

  /**
   * What a request asks for.
   *
   * @throws ApiException if something is wrong with it
   */
  AnswerPlan read(Fields fields) {
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
    List<AnswerPlan.Prompt> prompts = PromptFields.read(fields, model.generator(), limits);
    AnswerPlan plan =
        generationFields.read(
            fields, prompts, echo, maxTokens, alternatives, generationFields::formatted);
    if (prompts.size() * plan.choices() > limits.sequences()) {
      throw fields.bad(
          "n", "times the prompts is more than " + limits.sequences() + ", the most allowed here");
    }
    prompts.forEach(prompt -> check(plan.generator(), prompt));
    return plan;
  }

  private static void check(TextGenerator generator, AnswerPlan.Prompt asked) {
    int max = generator.model().info().contextLength();
    if (asked.tokens() != null) {
      int count = asked.tokens().get().length;
      if (count > max) {
        throw ContextLength.exceeded("prompt", max, String.valueOf(count));
      }
      return;
    }
    String prompt = asked.text();
    Vocabulary vocabulary = generator.tokenizer().vocabulary();
    if (prompt.isEmpty() && vocabulary.bos().isEmpty() && vocabulary.eos().isEmpty()) {
      throw ApiException.invalid(
          "prompt", "'prompt' is empty, and this model has no token that begins a text");
    }
    // reads no more of a long prompt than it takes to see that it is too long
    if (generator.tokenizer().encode(prompt, SpecialTokens.none(), max + 1).length > max
        || generator.promptTokens(prompt).length > max) {
      throw ContextLength.exceeded("prompt", max, "more than " + max);
    }
  }
}

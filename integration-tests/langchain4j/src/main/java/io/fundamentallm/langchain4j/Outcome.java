package io.fundamentallm.langchain4j;

import dev.langchain4j.model.output.FinishReason;
import dev.langchain4j.model.output.TokenUsage;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.GenerationSummary;

/** What LangChain4j needs to know about a finished generation. */
final class Outcome {
  private Outcome() {}

  static TokenUsage tokenUsage(Generation generation) {
    GenerationSummary summary = generation.summary();
    return new TokenUsage(summary.promptTokens(), summary.generatedTokens());
  }

  static FinishReason finishReason(Generation generation, boolean calls) {
    return switch (generation.finishReason()) {
      case END_TOKEN, STOP_TOKEN, STOP_STRING, STOP_CONDITION ->
          calls ? FinishReason.TOOL_EXECUTION : FinishReason.STOP;
      case MAX_NEW_TOKENS, CONTEXT_FULL -> FinishReason.LENGTH;
      case TIME_LIMIT, REPETITION, CANCELLED -> FinishReason.OTHER;
    };
  }
}

package io.fundamentallm.decoding;

/**
 * Decides after each token whether the generation ends with it, in addition to tokens, texts and
 * limits. A pure function of the history; thread-safe.
 */
@FunctionalInterface
public interface StopCondition {
  /** Whether the newest token of the history is the last. */
  boolean isMet(History history);

  /** What {@link Generation#finishReason()} returns when this was met. */
  default FinishReason reason() {
    return FinishReason.STOP_CONDITION;
  }

  /**
   * Met when the generated tokens end in a pattern repeated several times in a row; the rule of
   * vLLM's repetition detection.
   *
   * @param minLength the shortest pattern to look for, in tokens, at least 1
   * @param maxLength the longest, at least minLength
   * @param count how many times in a row, at least 2
   */
  static StopCondition repetition(int minLength, int maxLength, int count) {
    return new RepetitionStop(minLength, maxLength, count);
  }
}

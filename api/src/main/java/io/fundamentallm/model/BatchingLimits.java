package io.fundamentallm.model;

/**
 * How much {@link io.fundamentallm.LanguageModels#batching} puts into one pass, and how many
 * callers may wait. Immutable.
 *
 * @param tokens the most tokens of a pass, at least 1; each pass delays all calls in it
 * @param appends the most sessions of a pass, at least 1
 * @param prefillTokens the most tokens of one session's prompt in a pass, at least 1: longer ones
 *     are read in chunks, and steps of other sessions run in between
 * @param callers the most calls that may wait for a pass, at least 1; further ones are refused
 */
public record BatchingLimits(int tokens, int appends, int prefillTokens, int callers) {
  /** Checks that each is at least 1. */
  public BatchingLimits {
    check("tokens", tokens);
    check("appends", appends);
    check("prefillTokens", prefillTokens);
    check("callers", callers);
  }

  /**
   * 512 tokens, which is llama.cpp's physical batch, in two chunks of 256; 64 sessions; 1024
   * callers, the last of which waits 16 passes.
   */
  public static BatchingLimits defaults() {
    return new BatchingLimits(512, 64, 256, 1024);
  }

  /** With another number of tokens in a pass. */
  public BatchingLimits withTokens(int tokens) {
    return new BatchingLimits(tokens, appends, prefillTokens, callers);
  }

  /** With another number of sessions in a pass. */
  public BatchingLimits withAppends(int appends) {
    return new BatchingLimits(tokens, appends, prefillTokens, callers);
  }

  /** With another length for the chunks of long appends. */
  public BatchingLimits withPrefillTokens(int prefillTokens) {
    return new BatchingLimits(tokens, appends, prefillTokens, callers);
  }

  /** With another number of calls that may wait. */
  public BatchingLimits withCallers(int callers) {
    return new BatchingLimits(tokens, appends, prefillTokens, callers);
  }

  private static void check(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be at least 1, but is " + value);
    }
  }
}

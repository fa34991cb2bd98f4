package io.fundamentallm.decoding;

import io.fundamentallm.model.PrefixCache;
import java.time.Duration;

/**
 * How long a generation took and what it did. Immutable.
 *
 * @param promptTokens tokens of the prompt
 * @param cachedTokens how many of them were in a {@link PrefixCache} and so were not computed
 * @param generatedTokens tokens delivered so far
 * @param timeToFirstToken from the first request for a token until it was available: the prompt's
 *     time, waiting included
 * @param total time spent computing so far; what the consumer does between tokens is not counted
 * @param draftedTokens tokens that a {@link DraftProposer} proposed
 * @param acceptedTokens how many of these became part of the text
 */
public record GenerationSummary(
    int promptTokens,
    int cachedTokens,
    int generatedTokens,
    Duration timeToFirstToken,
    Duration total,
    long draftedTokens,
    long acceptedTokens) {
  /** Tokens of the prompt per second, without those from a cache; 0 before the first token. */
  public double promptTokensPerSecond() {
    return perSecond(promptTokens - cachedTokens, timeToFirstToken);
  }

  /** Tokens per second after the first; 0 before the second. */
  public double generatedTokensPerSecond() {
    return perSecond(generatedTokens - 1, total.minus(timeToFirstToken));
  }

  /** The fraction of drafted tokens that were accepted, in [0, 1]; NaN if none were drafted. */
  public double acceptanceRate() {
    return draftedTokens == 0 ? Double.NaN : (double) acceptedTokens / draftedTokens;
  }

  private static double perSecond(int tokens, Duration time) {
    return tokens <= 0 || time.isZero() ? 0 : tokens / (time.toNanos() / 1e9);
  }
}

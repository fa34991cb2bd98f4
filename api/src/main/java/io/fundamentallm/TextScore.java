package io.fundamentallm;

import java.util.List;

/**
 * How well the model predicted a text. All figures are over the scored tokens: every token, except
 * the first if no begin token came before it. Figures per unit are NaN where nothing was scored.
 *
 * @param tokens the scored tokens, in order
 * @param logProbability natural logarithm of their joint probability
 * @param characters how many Unicode code points the scored tokens are
 * @param bytes how many bytes of UTF-8 they are; special tokens count as none
 */
public record TextScore(
    List<TokenScore> tokens, double logProbability, long characters, long bytes) {
  static final double LN_2 = 0.6931471805599453;

  /** Keeps its own copy of the tokens. */
  public TextScore {
    tokens = List.copyOf(tokens);
  }

  /** exp of the mean negative log-probability of a token; NaN for an empty text. */
  public double perplexity() {
    return StrictMath.exp(-logProbability / tokens.size());
  }

  /** Mean surprisal of a token, in bits; the cross-entropy. */
  public double bitsPerToken() {
    return bits(tokens.size());
  }

  /** Bits per Unicode code point. */
  public double bitsPerCharacter() {
    return bits(characters);
  }

  /** Bits per byte of UTF-8; comparable between models with different tokenizers. */
  public double bitsPerByte() {
    return bits(bytes);
  }

  private double bits(long units) {
    return units == 0 ? Double.NaN : -logProbability / (units * LN_2);
  }
}

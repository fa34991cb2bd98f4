package io.fundamentallm.decoding;

import io.fundamentallm.internal.numerics.Exp;
import java.util.Arrays;

/**
 * Probabilities of the tokens that can be chosen. Immutable and thread-safe.
 *
 * <p>A draw takes u in {@code [0, 1)} and the first token whose cumulative mass is greater than u,
 * so a token of probability zero is never drawn.
 */
public final class Distribution {
  private final int[] tokens;
  private final double[] probabilities;

  private Distribution(int[] tokens, double[] probabilities) {
    this.tokens = tokens;
    this.probabilities = probabilities;
  }

  /** The softmax over the candidates, summed in double. */
  public static Distribution softmax(Logits logits) {
    float maximum = logits.maximum();
    int[] tokens = new int[logits.count()];
    double[] probabilities = new double[tokens.length];
    double total = 0;
    for (int i = 0; i < tokens.length; i++) {
      tokens[i] = logits.token(i);
      probabilities[i] = Exp.exp(logits.score(i) - maximum);
      total += probabilities[i];
    }
    for (int i = 0; i < tokens.length; i++) {
      probabilities[i] /= total;
    }
    return new Distribution(tokens, probabilities);
  }

  /**
   * Of given probabilities.
   *
   * @param tokens ids, ascending
   * @param probabilities one for each, not negative; divided by their sum
   * @throws IllegalArgumentException if these rules are broken, or all are zero
   */
  public static Distribution of(int[] tokens, double[] probabilities) {
    if (tokens.length != probabilities.length) {
      throw new IllegalArgumentException(
          probabilities.length + " probabilities for " + tokens.length + " tokens");
    }
    double total = 0;
    for (int i = 0; i < tokens.length; i++) {
      if (i > 0 && tokens[i] <= tokens[i - 1]) {
        throw new IllegalArgumentException("token " + tokens[i] + " is not above the one before");
      }
      if (!(probabilities[i] >= 0)) {
        throw new IllegalArgumentException(
            "the probability of token " + tokens[i] + " is " + probabilities[i]);
      }
      total += probabilities[i];
    }
    if (!(total > 0 && total < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("the probabilities add up to " + total);
    }
    double[] shares = probabilities.clone();
    for (int i = 0; i < shares.length; i++) {
      shares[i] /= total;
    }
    return new Distribution(tokens.clone(), shares);
  }

  /** All mass on one token. */
  public static Distribution certain(int token) {
    return new Distribution(new int[] {token}, new double[] {1});
  }

  /** How many tokens are listed. */
  public int size() {
    return tokens.length;
  }

  /** A listed token; ids ascend with the index. */
  public int token(int index) {
    return tokens[index];
  }

  /** The probability of the token at an index, in {@code [0, 1]}. */
  public double probabilityAt(int index) {
    return probabilities[index];
  }

  /** The probability of a token id; 0 for one that is not listed. */
  public double probability(int token) {
    int index = Arrays.binarySearch(tokens, token);
    return index < 0 ? 0 : probabilities[index];
  }

  /**
   * The token for a random number.
   *
   * @param u in {@code [0, 1)}
   */
  public int draw(double u) {
    double cumulative = 0;
    int last = tokens[0];
    for (int i = 0; i < tokens.length; i++) {
      cumulative += probabilities[i];
      if (probabilities[i] > 0) {
        last = tokens[i];
        if (cumulative > u) {
          return last;
        }
      }
    }
    return last; // rounding left the sum slightly below u
  }
}

package io.fundamentallm;

import io.fundamentallm.spi.Exp;
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
    return last; // rounding left the sum a little under u
  }
}

package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.Randomness;
import io.fundamentallm.TokenSequence;
import java.util.Arrays;

/**
 * Cuts windows of T inputs and T targets, the targets one token later, out of a sequence of tokens.
 * Where the tokens end early, targets are {@link Objective#IGNORE_INDEX} and inputs repeat a token
 * that causal masking keeps from mattering.
 */
final class Windows {

  private static final long PURPOSE = Randomness.purpose("training-window");

  private final TokenSequence tokens;
  private final int length;
  private final int[] read;

  /** Windows of {@code length} inputs. */
  Windows(TokenSequence tokens, int length) {
    this.tokens = tokens;
    this.length = length;
    this.read = new int[length + 1];
  }

  /** Windows that cover all targets once. */
  long count() {
    return (tokens.size() - 1 + length - 1) / length;
  }

  /**
   * Fills row b of a batch from a position on.
   *
   * @param inputs [B][T]
   * @param targets [B][T]
   */
  void fill(long from, int b, int[] inputs, int[] targets) {
    int available = (int) Math.max(0, Math.min(length + 1L, tokens.size() - from));
    tokens.read(from, read, 0, available);
    Arrays.fill(read, available, read.length, available > 0 ? read[0] : 0);
    System.arraycopy(read, 0, inputs, b * length, length);
    System.arraycopy(read, 1, targets, b * length, length);
    int real = Math.max(0, available - 1);
    Arrays.fill(targets, b * length + real, (b + 1) * length, Objective.IGNORE_INDEX);
  }

  /** A row without any target, for the rest of the last batch of an evaluation. */
  void fillEmpty(int b, int[] inputs, int[] targets) {
    Arrays.fill(inputs, b * length, (b + 1) * length, 0);
    Arrays.fill(targets, b * length, (b + 1) * length, Objective.IGNORE_INDEX);
  }

  /** Where window b of a step begins: anywhere, as a pure function of seed, step and b. */
  long random(long seed, int step, int b) {
    long starts = Math.max(1, tokens.size() - length);
    double u = new Randomness(seed, b).uniform(step, PURPOSE);
    return Math.min(starts - 1, (long) (u * starts));
  }
}

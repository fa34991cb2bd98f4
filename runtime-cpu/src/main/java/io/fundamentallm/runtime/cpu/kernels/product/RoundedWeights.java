package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import java.util.Objects;

/**
 * A copy of weights in 16 bits outside the heap, for kernels that {@linkplain
 * ProductKernels#rounded multiply} with such.
 *
 * <p>Training multiplies with each weight forward and backward, in an order in which memory is slow
 * to read, so that rounding weights on the way takes about as long as the products. Rounding all of
 * them once a step, in order, takes less, and products then read half as much.
 *
 * <p>Several threads may round different pieces at once; products may read when all have.
 */
public final class RoundedWeights {

  /** Weights that are a piece of work: their bits fit the first-level cache. */
  public static final int PIECE = 1 << 13;

  /** The most weights that may have copies: a buffer's bytes are numbered by an int. */
  static final int MOST = 1_000_000_000;

  final NativeMemory bits;

  private final float[] weights;
  private final int from;
  private final Bf16Kernels rounding;
  private final short[][] rounded; // [slot][PIECE]

  RoundedWeights(float[] weights, int from, NativeMemory bits, Bf16Kernels rounding, int slots) {
    this.weights = weights;
    this.from = Objects.checkIndex(from, weights.length);
    this.rounding = rounding;
    rounded = new short[slots][PIECE];
    this.bits = bits;
  }

  /** How many weights have copies. */
  public int size() {
    return weights.length - from;
  }

  /**
   * Rounds some weights anew.
   *
   * @param first from 0 to {@link #size} − 1
   * @param count at most {@link #PIECE}
   * @param slot the calling thread's
   * @throws IndexOutOfBoundsException if there are no such weights or slots
   */
  public void round(int first, int count, int slot) {
    rounding.round(count, weights, from + first, rounded[slot]);
    bits.shorts().put(first, rounded[slot], 0, count);
  }

  /** Whether these are the weights at an index of an array. */
  boolean of(float[] array, int at) {
    return array == weights && at >= from;
  }

  /** The first byte of a weight's copy. */
  int at(int index) {
    return (index - from) * Short.BYTES;
  }
}

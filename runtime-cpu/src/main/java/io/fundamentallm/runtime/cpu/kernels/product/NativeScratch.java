package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.onednn.NativeProducts;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** What a thread's {@link Product} keeps for products by oneDNN. */
final class NativeScratch {

  /** Zeros for less than a block of columns of two panels. */
  static final float[] ZEROS = new float[PackedWeights.BLOCK * 2 * PackedWeights.PANEL];

  final NativeProducts products;

  private short[] shorts = {};
  private int[] ints = {};
  private float[] floats = {};

  // Which panels are in the products' right operand: weights never change.
  private @Nullable PackedWeights weights;
  private int from;
  private int to;

  NativeScratch(NativeProducts products) {
    this.products = products;
  }

  /** At least n numbers. */
  short[] shorts(int n) {
    if (shorts.length < n) {
      shorts = new short[n];
    }
    return shorts;
  }

  /** At least n numbers from {@link Floats#FRONT} on, {@linkplain Floats#aligned aligned}. */
  int[] ints(int n) {
    if (ints.length < Floats.FRONT + n) {
      ints = new int[Floats.aligned(Floats.FRONT + n)];
    }
    return ints;
  }

  /** At least n numbers. */
  float[] floats(int n) {
    if (floats.length < n) {
      floats = new float[n];
    }
    return floats;
  }

  /** Writes zeros for a missing panel: the second of each row of two. */
  static void clear(int[] pairs, int at, int end) {
    for (int i = at; i < end; i += 2 * PackedWeights.PANEL) {
      Arrays.fill(pairs, i, i + PackedWeights.PANEL, 0);
    }
  }

  /** Whether these panels are still in the right operand. */
  boolean holds(PackedWeights weights, int from, int to) {
    return this.weights == weights && this.from == from && this.to == to;
  }

  /** Notes which panels are in the right operand; null for something else. */
  void hold(@Nullable PackedWeights weights, int from, int to) {
    this.weights = weights;
    this.from = from;
    this.to = to;
  }
}

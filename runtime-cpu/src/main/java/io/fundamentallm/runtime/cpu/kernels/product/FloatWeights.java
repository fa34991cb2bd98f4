package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;

/**
 * Weights as 32-bit floats. A panel is two strips, each of them a stream that is read from its
 * beginning to its end.
 */
public final class FloatWeights extends PackedWeights {

  /** Rows of a strip: one register of 512 bits. */
  static final int STRIP = 16;

  /**
   * Index of the first number: it is at the beginning of a cache line if the array is, see {@link
   * Floats#FRONT}. On an Intel Xeon with AMX sixteen rows became 1.07 to 1.25 times as fast by it.
   * Words of other formats begin with their arrays: when they did not, a model of 110 million int8
   * weights decoded at 0.8 of its speed, it seems since a request for every second line of these is
   * one for each, as it straddles two.
   */
  private static final int FRONT = Floats.FRONT;

  /** From {@link #FRONT} on, strips [columns][STRIP]. */
  final float[] values;

  /** Zeros, to be filled. */
  public FloatWeights(int rows, int columns) {
    super(rows, columns);
    values = new float[FRONT + panels() * PANEL * columns];
  }

  /** Bytes of weights of this size. */
  public static long bytes(int rows, int columns) {
    return (long) padded(rows) * columns * Float.BYTES;
  }

  @Override
  public String name() {
    return "f32";
  }

  @Override
  public long bytes() {
    return 4L * (values.length - FRONT);
  }

  @Override
  public boolean quantized() {
    return false;
  }

  @Override
  public void fill(ProductKernels kernels, int panel, float[] from) {
    for (int row = 0; row < PANEL; row += STRIP) {
      int to = at(panel) + row * columns();
      ScalarProduct.transpose(
          STRIP, columns(), from, row * columns(), columns(), values, to, STRIP);
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int from = at(row / PANEL) + row % PANEL / STRIP * strip() + row % STRIP;
    for (int i = 0; i < columns(); i++) {
      into[at + i] = values[from + i * STRIP];
    }
  }

  /** Index of a panel's first strip. */
  int at(int panel) {
    return FRONT + panel * PANEL * columns();
  }

  /** Distance between two strips. */
  int strip() {
    return STRIP * columns();
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Half;

/**
 * Weights as floats of 16 bits, which products make 32-bit ones of. A product has the same bits as
 * one with {@link FloatWeights} of the same numbers.
 *
 * <p>A column of a panel is 16 ints. Int i holds row i in its low half and row i + 16 in its high
 * half.
 */
public final class HalfWeights extends PackedWeights {

  /** How 16 bits are a number. */
  public enum Type {
    /** The upper half of a 32-bit float. */
    BF16,
    /** IEEE 754's binary16, without infinities and NaN. */
    F16;

    float toFloat(int bits) {
      return this == BF16 ? Float.intBitsToFloat(bits << 16) : Half.toFloat((short) bits);
    }

    int fromFloat(float value) {
      return this == BF16 ? Float.floatToRawIntBits(value) >>> 16 : Half.fromFloat(value) & 0xFFFF;
    }
  }

  private final Type type;

  /** In groups [columns][panels of the group][HALF]. */
  final int[] words;

  /** Zeros, to be filled. */
  public HalfWeights(Type type, int rows, int columns) {
    super(rows, columns);
    this.type = type;
    words = new int[panels() * HALF * columns];
  }

  /** Bytes of weights of this size. */
  public static long bytes(int rows, int columns) {
    return (long) padded(rows) * columns * Short.BYTES;
  }

  @Override
  public String name() {
    return type == Type.BF16 ? "bf16" : "f16";
  }

  @Override
  public long bytes() {
    return 4L * words.length;
  }

  @Override
  public boolean quantized() {
    return false;
  }

  boolean bf16() {
    return type == Type.BF16;
  }

  /** Fills one panel with numbers of the type; others are cut or rounded. */
  @Override
  public void fill(ProductKernels kernels, int panel, float[] values) {
    int columns = columns();
    int at = wordsAt(panel);
    int step = step(panel);
    for (int lane = 0; lane < HALF; lane++) {
      int low = lane * columns;
      int high = (lane + HALF) * columns;
      for (int i = 0; i < columns; i++) {
        words[at + i * step + lane] =
            type.fromFloat(values[low + i]) | type.fromFloat(values[high + i]) << 16;
      }
    }
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    int from = wordsAt(panel) + row % HALF;
    int shift = row / HALF % 2 * 16;
    int step = step(panel);
    for (int i = 0; i < columns(); i++) {
      into[at + i] = type.toFloat(words[from + i * step] >>> shift & 0xFFFF);
    }
  }

  /** Index of a panel's first word. */
  int wordsAt(int panel) {
    return at(panel, columns()) / 2;
  }

  /** Distance between two columns. */
  int step(int panel) {
    return HALF * groupPanels(panel);
  }

  /** Writes some columns of a panel as floats [count][PANEL]. */
  void expand(int panel, int column, int count, float[] to, int toAt) {
    int step = step(panel);
    int at = wordsAt(panel) + column * step;
    for (int i = 0; i < count; i++) {
      for (int lane = 0; lane < HALF; lane++) {
        int two = words[at + i * step + lane];
        to[toAt + i * PANEL + lane] = type.toFloat(two & 0xFFFF);
        to[toAt + i * PANEL + HALF + lane] = type.toFloat(two >>> 16);
      }
    }
  }
}

package io.fundamentallm.runtime.cpu.format.quantize;

import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import java.util.Arrays;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes rows of numbers in ggml's types, the inverse of {@link
 * io.fundamentallm.runtime.cpu.format.tensor.GgufBlocks}.
 *
 * <p>A block's scale is searched for: several are tried, and the one with the least weighted square
 * error is kept. A number's weight is its column's importance, if it is known, times a factor that
 * grows with its magnitude: large weights matter more. Stateless and thread-safe.
 */
public final class RowEncoder {
  /** The types that can be written. */
  private static final Set<TensorType> TYPES =
      Set.of(
          TensorType.F32,
          TensorType.F16,
          TensorType.BF16,
          TensorType.Q8_0,
          TensorType.Q4_0,
          TensorType.Q5_0,
          TensorType.Q5_1,
          TensorType.Q4_K,
          TensorType.Q5_K,
          TensorType.Q6_K);

  private RowEncoder() {}

  /** The bytes of a row. */
  public static int bytes(TensorType type, int columns) {
    return Math.toIntExact((long) columns / type.blockElements() * type.blockBytes());
  }

  /**
   * Writes a row.
   *
   * @param x holds it; finite numbers
   * @param at index of its first number
   * @param columns how many; whole blocks
   * @param importance of each column, at least 0; null if all are equal
   * @param into receives {@link #bytes} bytes from index {@code to}
   * @throws IllegalArgumentException for a number that the type cannot hold, NaN and infinity
   *     included unless the type is F32
   */
  public static void encode(
      TensorType type,
      float[] x,
      int at,
      int columns,
      float @Nullable [] importance,
      byte[] into,
      int to) {
    if (!TYPES.contains(type) || columns % type.blockElements() != 0) {
      throw new IllegalArgumentException(columns + " numbers cannot be written as " + type);
    }
    switch (type) {
      case F32 -> {
        for (int i = 0; i < columns; i++) {
          int bits = Float.floatToRawIntBits(x[at + i]);
          Bytes.int32(into, to + 4 * i, bits);
        }
      }
      case F16 -> {
        for (int i = 0; i < columns; i++) {
          Bytes.f16(into, to + 2 * i, x[at + i]);
        }
      }
      case BF16 -> {
        for (int i = 0; i < columns; i++) {
          Bytes.int16(into, to + 2 * i, bf16(x[at + i]));
        }
      }
      default -> blocks(type, x, at, columns, importance, into, to);
    }
  }

  private static void blocks(
      TensorType type,
      float[] x,
      int at,
      int columns,
      float @Nullable [] importance,
      byte[] into,
      int to) {
    int n = type.blockElements();
    float[] block = new float[n];
    float[] weights = new float[n];
    for (int column = 0; column < columns; column += n) {
      System.arraycopy(x, at + column, block, 0, n);
      weigh(block, importance, column, weights);
      int place = to + column / n * type.blockBytes();
      switch (type) {
        case Q8_0 -> LegacyBlocks.q8(block, into, place);
        case Q4_0 -> LegacyBlocks.q4(block, weights, into, place);
        case Q5_0 -> LegacyBlocks.q5(block, weights, into, place);
        case Q5_1 -> LegacyBlocks.q51(block, weights, into, place);
        case Q6_K -> SixBitBlocks.encode(block, weights, into, place);
        default -> MinimumBlocks.encode(type, block, weights, into, place);
      }
    }
  }

  /** What an error in each number costs. */
  private static void weigh(
      float[] block, float @Nullable [] importance, int column, float[] weights) {
    double squares = 0;
    for (float number : block) {
      squares += (double) number * number;
    }
    if (!(squares < Double.POSITIVE_INFINITY)) {
      throw new IllegalArgumentException("a number that is not finite");
    }
    double spread = 2 * squares / block.length;
    boolean zero = true;
    for (int i = 0; i < block.length; i++) {
      double weight = Math.sqrt(spread + (double) block[i] * block[i]);
      weights[i] = (float) (importance == null ? weight : weight * importance[column + i]);
      zero &= weights[i] == 0;
    }
    if (zero) { // columns that no input of the sample reached
      Arrays.fill(weights, 1);
    }
  }

  /** The nearest BF16, ties to even. */
  private static int bf16(float x) {
    int bits = Float.floatToRawIntBits(x);
    int rounded = (bits + 0x7FFF + (bits >>> 16 & 1)) >>> 16;
    if (!(Math.abs(x) < Float.POSITIVE_INFINITY) || (rounded & 0x7FFF) == 0x7F80) {
      throw new IllegalArgumentException(x + " is beyond BF16");
    }
    return rounded;
  }

  /** Little-endian numbers. */
  static final class Bytes {
    private Bytes() {}

    static void int16(byte[] into, int at, int value) {
      into[at] = (byte) value;
      into[at + 1] = (byte) (value >> 8);
    }

    static void int32(byte[] into, int at, int value) {
      int16(into, at, value);
      int16(into, at + 2, value >> 16);
    }

    /** Writes the nearest F16, and returns it. */
    static float f16(byte[] into, int at, float value) {
      if (!(Math.abs(value) < Half.BEYOND)) {
        throw new IllegalArgumentException(value + " is beyond F16");
      }
      short half = Half.fromFloat(value);
      int16(into, at, half);
      return Half.toFloat(half);
    }
  }
}

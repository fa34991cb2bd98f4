package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;

/**
 * Blocks of ggml's quantised types as floats, by the formulas of its {@code dequantize_row_*}
 * functions (ggml-quants.c), product by product and sum by sum.
 */
public final class GgufBlocks {
  private GgufBlocks() {}

  /**
   * Decodes one block.
   *
   * @param b holds it
   * @param p index of its first byte
   * @param y receives its numbers
   * @param o index of the first
   */
  public static void decode(TensorType type, byte[] b, int p, float[] y, int o) {
    switch (type) {
      case Q8_0 -> q8(b, p, y, o);
      case Q4_0 -> q4(b, p, 2, -8, -0f, y, o);
      case Q4_1 -> q4(b, p, 4, 0, f16(b, p + 2), y, o);
      case Q5_0 -> q5(b, p, 2, -16, -0f, y, o);
      case Q5_1 -> q5(b, p, 4, 0, f16(b, p + 2), y, o);
      case Q4_K -> q4k(b, p, y, o);
      case Q5_K -> q5k(b, p, y, o);
      case Q6_K -> q6k(b, p, y, o);
      case Q2_K -> SmallBlocks.q2k(b, p, y, o);
      case Q3_K -> SmallBlocks.q3k(b, p, y, o);
      case IQ4_NL -> SmallBlocks.table(BlockFormat.IQ4_NL, f16(b, p), b, p + 2, y, o);
      case IQ4_XS -> SmallBlocks.iq4xs(b, p, y, o);
      case MXFP4 ->
          SmallBlocks.table(BlockFormat.MXFP4, BlockFormat.power(b[p] & 0xFF), b, p + 1, y, o);
      default -> throw new IllegalArgumentException(type + " has no blocks");
    }
  }

  /** The little-endian F16 at an index. */
  static float f16(byte[] b, int p) {
    return HalfPrecision.f16((short) ((b[p] & 0xFF) | (b[p + 1] << 8)));
  }

  private static void q8(byte[] b, int p, float[] y, int o) {
    float d = f16(b, p);
    for (int i = 0; i < 32; i++) {
      y[o + i] = b[p + 2 + i] * d;
    }
  }

  /** The low halves of the bytes are the first 16 numbers, the high halves the rest. */
  private static void q4(byte[] b, int p, int at, int offset, float m, float[] y, int o) {
    float d = f16(b, p);
    for (int i = 0; i < 16; i++) {
      int q = b[p + at + i];
      y[o + i] = ((q & 15) + offset) * d + m;
      y[o + 16 + i] = ((q >> 4 & 15) + offset) * d + m;
    }
  }

  private static void q5(byte[] b, int p, int at, int offset, float m, float[] y, int o) {
    float d = f16(b, p);
    for (int i = 0; i < 16; i++) {
      int q = b[p + at + 4 + i];
      y[o + i] = (((q & 15) | fifth(b, p + at, i)) + offset) * d + m;
      y[o + 16 + i] = (((q >> 4 & 15) | fifth(b, p + at, 16 + i)) + offset) * d + m;
    }
  }

  /** Bit i of 32, worth 16. */
  static int fifth(byte[] b, int p, int i) {
    return (b[p + (i >> 3)] >> (i & 7) & 1) << 4;
  }

  /** The 6-bit scale of 32 of a K block's numbers, from 12 packed bytes; get_scale_min_k4. */
  static int scale(byte[] b, int p, int j) {
    return j < 4 ? b[p + j] & 63 : (b[p + j + 4] & 15) | ((b[p + j - 4] >> 6 & 3) << 4);
  }

  /** The 6-bit minimum of 32 of a K block's numbers. */
  static int minimum(byte[] b, int p, int j) {
    return j < 4 ? b[p + j + 4] & 63 : (b[p + j + 4] >> 4 & 15) | ((b[p + j] >> 6 & 3) << 4);
  }

  private static void q4k(byte[] b, int p, float[] y, int o) {
    float d = f16(b, p);
    float dmin = f16(b, p + 2);
    for (int j = 0; j < 8; j++) {
      float d1 = d * scale(b, p + 4, j);
      float m1 = dmin * minimum(b, p + 4, j);
      int q = p + 16 + j / 2 * 32;
      int shift = j % 2 * 4;
      for (int i = 0; i < 32; i++) {
        y[o + 32 * j + i] = d1 * (b[q + i] >> shift & 15) - m1;
      }
    }
  }

  private static void q5k(byte[] b, int p, float[] y, int o) {
    float d = f16(b, p);
    float dmin = f16(b, p + 2);
    for (int j = 0; j < 8; j++) {
      float d1 = d * scale(b, p + 4, j);
      float m1 = dmin * minimum(b, p + 4, j);
      int q = p + 48 + j / 2 * 32;
      int shift = j % 2 * 4;
      for (int i = 0; i < 32; i++) {
        int fifth = (b[p + 16 + i] >> j & 1) << 4;
        y[o + 32 * j + i] = d1 * ((b[q + i] >> shift & 15) + fifth) - m1;
      }
    }
  }

  private static void q6k(byte[] b, int p, float[] y, int o) {
    float d = f16(b, p + 208);
    for (int half = 0; half < 2; half++) {
      int ql = p + 64 * half;
      int qh = p + 128 + 32 * half;
      int sc = p + 192 + 8 * half;
      for (int part = 0; part < 4; part++) {
        int low = ql + part % 2 * 32;
        int lowShift = part / 2 * 4;
        int to = o + 128 * half + 32 * part;
        for (int i = 0; i < 32; i++) {
          int q = ((b[low + i] >> lowShift & 15) | ((b[qh + i] >> (2 * part) & 3) << 4)) - 32;
          y[to + i] = d * b[sc + i / 16 + 2 * part] * q;
        }
      }
    }
  }

  /**
   * Splits one block into numbers, scales and minima of blocks of 32.
   *
   * @param type one that {@link TensorType#hasFormatBlocks()}
   * @param q receives the numbers, from index o
   * @param scales receives the scales, from index o / 32; ggml's Q4_0 and Q5_0 give the number
   *     furthest from zero the lowest code, so half of the scales are negative
   * @param minima likewise receives what is subtracted, of any sign; left alone if the format has
   *     none
   */
  public static void split(
      TensorType type, byte[] b, int p, byte[] q, int o, float[] scales, float[] minima) {
    int s = o / 32;
    switch (type) {
      case Q8_0 -> {
        scales[s] = f16(b, p);
        System.arraycopy(b, p + 2, q, o, 32);
      }
      case Q5_0 -> {
        scales[s] = f16(b, p);
        for (int i = 0; i < 16; i++) {
          int pair = b[p + 6 + i];
          q[o + i] = (byte) (((pair & 15) | fifth(b, p + 2, i)) - 16);
          q[o + 16 + i] = (byte) (((pair >> 4 & 15) | fifth(b, p + 2, 16 + i)) - 16);
        }
      }
      case Q4_0, Q4_1 -> {
        scales[s] = f16(b, p);
        minima[s] = type == TensorType.Q4_0 ? 8 * scales[s] : -f16(b, p + 2);
        int at = type == TensorType.Q4_0 ? p + 2 : p + 4;
        for (int i = 0; i < 16; i++) {
          q[o + i] = (byte) (b[at + i] & 15);
          q[o + 16 + i] = (byte) (b[at + i] >> 4 & 15);
        }
      }
      case Q4_K -> {
        for (int j = 0; j < 8; j++) {
          scales[s + j] = f16(b, p) * scale(b, p + 4, j);
          minima[s + j] = f16(b, p + 2) * minimum(b, p + 4, j);
          int at = p + 16 + j / 2 * 32;
          for (int i = 0; i < 32; i++) {
            q[o + 32 * j + i] = (byte) (b[at + i] >> (j % 2 * 4) & 15);
          }
        }
      }
      default -> throw new IllegalArgumentException(type + " has other blocks");
    }
  }
}

package io.fundamentallm.benchmarks.models;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;

/**
 * Rows of floats in blocks with a scale, in ggml's formats (ggml-quants.c) and in that of ONNX
 * Runtime's MatMulNBits.
 */
final class Blocks {
  /** Elements of a block. */
  static final int SIZE = 32;

  /** Elements of a block of {@link #q6k}. */
  static final int SUPER = 256;

  private Blocks() {}

  /** {@code q = round(x / scale)}, from −127 to 127. */
  private static float scale8(float[] x, int at) {
    float largest = 0;
    for (int i = at; i < at + SIZE; i++) {
      largest = Math.max(largest, Math.abs(x[i]));
    }
    return largest / 127;
  }

  /** {@code q = x / scale + 8}, from 0 to 15; the element furthest from zero becomes 0 exactly. */
  private static float scale4(float[] x, int at) {
    float furthest = 0;
    for (int i = at; i < at + SIZE; i++) {
      furthest = Math.abs(x[i]) > Math.abs(furthest) ? x[i] : furthest;
    }
    return furthest / -8;
  }

  private static int code8(float x, float scale) {
    return scale == 0 ? 0 : Math.round(x / scale);
  }

  private static int code4(float x, float scale) {
    return scale == 0 ? 8 : Math.min(15, (int) (x / scale + 8.5f));
  }

  /** Half-precision scale, 32 signed bytes. */
  static byte[] q80(float[] x) {
    byte[] result = new byte[x.length / SIZE * (2 + SIZE)];
    ByteBuffer bytes = littleEndian(result);
    for (int at = 0; at < x.length; at += SIZE) {
      float scale = scale8(x, at);
      bytes.putShort(half(scale));
      for (int i = 0; i < SIZE; i++) {
        bytes.put((byte) code8(x[at + i], scale));
      }
    }
    return result;
  }

  /** Half-precision scale, 16 bytes: elements 0 to 15 in their low halves, 16 to 31 in the high. */
  static byte[] q40(float[] x) {
    byte[] result = new byte[x.length / SIZE * (2 + SIZE / 2)];
    ByteBuffer bytes = littleEndian(result);
    for (int at = 0; at < x.length; at += SIZE) {
      float scale = scale4(x, at);
      bytes.putShort(half(scale));
      for (int i = at; i < at + SIZE / 2; i++) {
        bytes.put((byte) (code4(x[i], scale) | (code4(x[i + SIZE / 2], scale) << 4)));
      }
    }
    return result;
  }

  /**
   * 256 elements of six bits, a signed byte of scale for each sixteen, a half-precision scale for
   * those. The plainest choice of scales; ggml searches for better ones, at the same speed later.
   */
  static byte[] q6k(float[] x) {
    byte[] result = new byte[x.length / SUPER * 210];
    ByteBuffer bytes = littleEndian(result);
    float[] scales = new float[SUPER / 16];
    byte[] codes = new byte[SUPER];
    for (int at = 0; at < x.length; at += SUPER) {
      float furthestScale = 0;
      for (int group = 0; group < scales.length; group++) {
        float furthest = 0;
        for (int i = at + group * 16; i < at + group * 16 + 16; i++) {
          furthest = Math.abs(x[i]) > Math.abs(furthest) ? x[i] : furthest;
        }
        scales[group] = furthest / -32;
        furthestScale =
            Math.abs(scales[group]) > Math.abs(furthestScale) ? scales[group] : furthestScale;
      }
      float unit = furthestScale / -128;
      byte[] quantised = new byte[scales.length];
      for (int i = 0; i < SUPER; i++) {
        int group = i / 16;
        int scale = unit == 0 ? 0 : Math.min(127, Math.round(scales[group] / unit));
        quantised[group] = (byte) scale;
        int code = scale == 0 ? 0 : Math.round(x[at + i] / (unit * scale));
        codes[i] = (byte) (Math.max(-32, Math.min(31, code)) + 32);
      }
      putSixBits(codes, bytes);
      bytes.put(quantised).putShort(half(unit));
    }
    return result;
  }

  /** First the low four bits of all, then the high two. */
  private static void putSixBits(byte[] codes, ByteBuffer bytes) {
    for (int from = 0; from < SUPER; from += SUPER / 2) {
      for (int i = from; i < from + 64; i++) {
        bytes.put((byte) ((codes[i] & 15) | (codes[i + 64] << 4)));
      }
    }
    for (int from = 0; from < SUPER; from += SUPER / 2) {
      for (int i = from; i < from + 32; i++) {
        bytes.put(
            (byte)
                ((codes[i] >> 4)
                    | (codes[i + 32] >> 4 << 2)
                    | (codes[i + 64] >> 4 << 4)
                    | (codes[i + 96] >> 4 << 6)));
      }
    }
  }

  /** MatMulNBits: bytes with zero at 128, or pairs of half bytes with zero at 8, low half first. */
  static byte[] codes(float[] x, Weights weights) {
    boolean whole = weights == Weights.INT8;
    byte[] codes = new byte[whole ? x.length : x.length / 2];
    for (int at = 0; at < x.length; at += SIZE) {
      float scale = whole ? scale8(x, at) : scale4(x, at);
      for (int i = at; i < at + SIZE; i += whole ? 1 : 2) {
        if (whole) {
          codes[i] = (byte) (code8(x[i], scale) + 128);
        } else {
          codes[i / 2] = (byte) (code4(x[i], scale) | (code4(x[i + 1], scale) << 4));
        }
      }
    }
    return codes;
  }

  /** The scales that go with {@link #codes}. */
  static float[] scales(float[] x, Weights weights) {
    float[] scales = new float[x.length / SIZE];
    for (int block = 0; block < scales.length; block++) {
      int at = block * SIZE;
      scales[block] = weights == Weights.INT8 ? scale8(x, at) : scale4(x, at);
    }
    return scales;
  }

  private static ByteBuffer littleEndian(byte[] bytes) {
    return ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN);
  }

  /** To half precision, rounded to nearest. For scales, which are far from the largest that fit. */
  static short half(float value) {
    int bits = Float.floatToIntBits(value);
    int sign = (bits >>> 16) & 0x8000;
    int rounded = (bits & 0x7fffffff) + 0x1000;
    int exponent = (rounded >>> 23) - 127 + 15;
    if (exponent <= 0) {
      // Subnormal: units of 2^-24.
      return (short) (sign | Math.round(Math.abs(value) * 0x1p24f));
    }
    return (short) (sign | (exponent << 10) | ((rounded >>> 13) & 0x3ff));
  }
}

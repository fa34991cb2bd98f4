package io.fundamentallm.benchmarks.models;

/** Rows of floats in blocks with a scale, as ONNX Runtime's MatMulNBits has them. */
final class Blocks {
  /** Elements of a block. */
  static final int SIZE = 32;

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
}

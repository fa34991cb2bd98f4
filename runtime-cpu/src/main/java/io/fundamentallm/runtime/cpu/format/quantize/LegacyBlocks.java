package io.fundamentallm.runtime.cpu.format.quantize;

import io.fundamentallm.runtime.cpu.format.quantize.RowEncoder.Bytes;

/** Blocks of 32 numbers with one scale: Q8_0, Q4_0, Q5_0, and Q5_1 with a minimum. */
final class LegacyBlocks {
  private static final int HALF = 16;

  private LegacyBlocks() {}

  static void q8(float[] x, byte[] into, int at) {
    float largest = 0;
    for (float number : x) {
      largest = Math.max(largest, Math.abs(number));
    }
    float scale = largest / 127;
    Bytes.f16(into, at, scale);
    float inverse = scale < ScaleSearch.NOTHING ? 0 : 1 / scale;
    for (int i = 0; i < x.length; i++) {
      into[at + 2 + i] = (byte) Math.rint(x[i] * inverse);
    }
  }

  static void q4(float[] x, float[] weights, byte[] into, int at) {
    ScaleSearch search = new ScaleSearch(-8, 7);
    float scale = Bytes.f16(into, at, search.scale(x, weights, 0, x.length));
    double inverse = scale == 0 ? 0 : 1.0 / scale;
    for (int i = 0; i < HALF; i++) {
      int low = search.code(inverse * x[i]) + 8;
      int high = search.code(inverse * x[HALF + i]) + 8;
      into[at + 2 + i] = (byte) (low | high << 4);
    }
  }

  static void q5(float[] x, float[] weights, byte[] into, int at) {
    ScaleSearch search = new ScaleSearch(-16, 15);
    float scale = Bytes.f16(into, at, search.scale(x, weights, 0, x.length));
    int[] codes = new int[x.length];
    double inverse = scale == 0 ? 0 : 1.0 / scale;
    for (int i = 0; i < x.length; i++) {
      codes[i] = search.code(inverse * x[i]) + 16;
    }
    fiveBits(codes, into, at + 2);
  }

  static void q51(float[] x, float[] weights, byte[] into, int at) {
    ScaleSearch search = new ScaleSearch(0, 31);
    float scale = Bytes.f16(into, at, search.scaleWithMinimum(x, weights, 0, x.length));
    float minimum = Bytes.f16(into, at + 2, -search.minimum());
    int[] codes = new int[x.length];
    double inverse = scale == 0 ? 0 : 1.0 / scale;
    for (int i = 0; i < x.length; i++) {
      codes[i] = search.code(inverse * (x[i] - minimum));
    }
    fiveBits(codes, into, at + 4);
  }

  /** 32 fifth bits, then 16 bytes of two codes each. */
  private static void fiveBits(int[] codes, byte[] into, int at) {
    int fifth = 0;
    for (int i = 0; i < codes.length; i++) {
      fifth |= (codes[i] >> 4) << i;
    }
    Bytes.int32(into, at, fifth);
    for (int i = 0; i < HALF; i++) {
      into[at + 4 + i] = (byte) ((codes[i] & 15) | (codes[HALF + i] & 15) << 4);
    }
  }
}

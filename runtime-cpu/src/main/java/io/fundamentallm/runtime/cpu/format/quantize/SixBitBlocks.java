package io.fundamentallm.runtime.cpu.format.quantize;

import io.fundamentallm.runtime.cpu.format.quantize.RowEncoder.Bytes;

/** Q6_K: 256 numbers of 6 bits, with a signed scale of 8 bits for each 16, and a common F16. */
final class SixBitBlocks {
  private static final int PART = 16;
  private static final int PARTS = 16;

  private SixBitBlocks() {}

  static void encode(float[] x, float[] weights, byte[] into, int at) {
    ScaleSearch search = new ScaleSearch(-32, 31);
    float[] scales = new float[PARTS];
    float extreme = 0;
    for (int j = 0; j < PARTS; j++) {
      scales[j] = search.scale(x, weights, PART * j, PART * (j + 1));
      extreme = Math.abs(scales[j]) > Math.abs(extreme) ? scales[j] : extreme;
    }
    // the extreme scale becomes -128, since there is one code more below zero
    float common = Bytes.f16(into, at + 208, extreme == 0 ? 0 : extreme / -128);
    int[] codes = new int[x.length];
    for (int j = 0; j < PARTS; j++) {
      int scale = common == 0 ? 0 : nearest(search, x, weights, j, common, scales[j] / common);
      into[at + 192 + j] = (byte) scale;
      double inverse = scale == 0 ? 0 : 1 / ((double) common * scale);
      for (int i = PART * j; i < PART * (j + 1); i++) {
        codes[i] = search.code(inverse * x[i]) + 32;
      }
    }
    pack(codes, into, at);
  }

  /** Of the codes beside a part's scale the one with the least error. */
  private static int nearest(
      ScaleSearch search, float[] x, float[] weights, int part, float common, float wanted) {
    int middle = Math.max(-128, Math.min(127, Math.round(wanted)));
    int best = middle;
    double least = Double.POSITIVE_INFINITY;
    for (int code = Math.max(-128, middle - 1); code <= Math.min(127, middle + 1); code++) {
      double error = search.error(x, weights, PART * part, PART * (part + 1), common * code, 0);
      if (error < least) {
        least = error;
        best = code;
      }
    }
    return best;
  }

  /** In each half, the lower four bits of 128 codes in 64 bytes, and the upper two in 32. */
  private static void pack(int[] codes, byte[] into, int at) {
    for (int half = 0; half < 2; half++) {
      int q = 128 * half;
      for (int i = 0; i < 32; i++) {
        int a = codes[q + i];
        int b = codes[q + 32 + i];
        int c = codes[q + 64 + i];
        int d = codes[q + 96 + i];
        into[at + 64 * half + i] = (byte) ((a & 15) | (c & 15) << 4);
        into[at + 64 * half + 32 + i] = (byte) ((b & 15) | (d & 15) << 4);
        into[at + 128 + 32 * half + i] = (byte) (a >> 4 | b >> 4 << 2 | c >> 4 << 4 | d >> 4 << 6);
      }
    }
  }
}

package io.fundamentallm.runtime.cpu.format.quantize;

import io.fundamentallm.runtime.cpu.format.quantize.RowEncoder.Bytes;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;

/**
 * Q4_K and Q5_K: 256 numbers, with a scale and a minimum of 6 bits for each 32, and an F16 for all
 * scales and one for all minima.
 */
final class MinimumBlocks {
  private static final int PART = 32;
  private static final int PARTS = 8;
  private static final int MAX_CODE = 63;

  private MinimumBlocks() {}

  static void encode(TensorType type, float[] x, float[] weights, byte[] into, int at) {
    boolean five = type == TensorType.Q5_K;
    ScaleSearch search = new ScaleSearch(0, five ? 31 : 15);
    float[] scales = new float[PARTS];
    float[] minima = new float[PARTS];
    float largestScale = 0;
    float largestMinimum = 0;
    for (int j = 0; j < PARTS; j++) {
      scales[j] = search.scaleWithMinimum(x, weights, PART * j, PART * (j + 1));
      minima[j] = search.minimum();
      largestScale = Math.max(largestScale, scales[j]);
      largestMinimum = Math.max(largestMinimum, minima[j]);
    }
    float scale = Bytes.f16(into, at, largestScale / MAX_CODE);
    float minimum = Bytes.f16(into, at + 2, largestMinimum / MAX_CODE);
    int[] scaleCodes = new int[PARTS];
    int[] minimumCodes = new int[PARTS];
    int[] codes = new int[x.length];
    for (int j = 0; j < PARTS; j++) {
      int from = PART * j;
      int scaleNear = code(scales[j], scale);
      int minimumNear = code(minima[j], minimum);
      double least = Double.POSITIVE_INFINITY;
      // rounding one changes what is best for the other, so their neighbours are tried too
      for (int s = Math.max(0, scaleNear - 1); s <= Math.min(MAX_CODE, scaleNear + 1); s++) {
        for (int m = Math.max(0, minimumNear - 1); m <= Math.min(MAX_CODE, minimumNear + 1); m++) {
          double error = search.error(x, weights, from, from + PART, scale * s, minimum * m);
          if (error < least) {
            least = error;
            scaleCodes[j] = s;
            minimumCodes[j] = m;
          }
        }
      }
      double one = (double) scale * scaleCodes[j];
      double inverse = one == 0 ? 0 : 1 / one;
      for (int i = from; i < from + PART; i++) {
        codes[i] = search.code(inverse * (x[i] + minimum * minimumCodes[j]));
      }
    }
    packScales(scaleCodes, minimumCodes, into, at + 4);
    pack(codes, five, into, at + 16);
  }

  private static int code(float value, float unit) {
    return unit == 0 ? 0 : Math.min(MAX_CODE, Math.round(value / unit));
  }

  /** Twelve bytes; the upper two bits of the last four pairs are beside the first four. */
  private static void packScales(int[] scales, int[] minima, byte[] into, int at) {
    for (int j = 0; j < 4; j++) {
      into[at + j] = (byte) (scales[j] | scales[j + 4] >> 4 << 6);
      into[at + 4 + j] = (byte) (minima[j] | minima[j + 4] >> 4 << 6);
      into[at + 8 + j] = (byte) ((scales[j + 4] & 15) | (minima[j + 4] & 15) << 4);
    }
  }

  /** With five bits the fifth ones come first: bit j of byte i is that of number i of part j. */
  private static void pack(int[] codes, boolean five, byte[] into, int at) {
    if (five) {
      for (int i = 0; i < PART; i++) {
        int bits = 0;
        for (int j = 0; j < PARTS; j++) {
          bits |= codes[PART * j + i] >> 4 << j;
        }
        into[at + i] = (byte) bits;
      }
    }
    int low = five ? at + PART : at;
    for (int j = 0; j < PARTS; j += 2) {
      for (int i = 0; i < PART; i++) {
        int first = codes[PART * j + i] & 15;
        int second = codes[PART * (j + 1) + i] & 15;
        into[low + PART * (j / 2) + i] = (byte) (first | second << 4);
      }
    }
  }
}

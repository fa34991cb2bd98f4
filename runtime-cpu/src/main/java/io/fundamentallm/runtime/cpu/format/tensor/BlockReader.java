package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;

/** Takes blocks of ggml's quantised types apart: codes, scales and minima as the file has them. */
final class BlockReader {
  private static final int NOT_FINITE = 0x7C00;

  private BlockReader() {}

  /**
   * Takes one block apart.
   *
   * @param b holds it
   * @param p index of its first byte
   * @param o index of its first number in the row
   * @return false if a factor is infinite or no number
   */
  static boolean read(byte[] b, int p, BlockRow row, int o) {
    byte[] codes = row.codes();
    short[] factors = row.factors();
    short[] minima = row.minima();
    short[] small = row.small();
    int j = o / 32;
    int unit = o / row.format().unitColumns();
    switch (row.format()) {
      case Q8_0 -> {
        factors[unit] = bits(b, p);
        System.arraycopy(b, p + 2, codes, o, 32);
      }
      case Q4_0, IQ4_NL -> {
        factors[unit] = bits(b, p);
        halves(b, p + 2, codes, o);
      }
      case Q4_1 -> {
        factors[unit] = bits(b, p);
        minima[unit] = (short) (bits(b, p + 2) ^ 0x8000);
        halves(b, p + 4, codes, o);
      }
      case Q5_0 -> {
        factors[unit] = bits(b, p);
        fives(b, p + 2, codes, o);
      }
      case Q5_1 -> {
        factors[unit] = bits(b, p);
        minima[unit] = (short) (bits(b, p + 2) ^ 0x8000);
        fives(b, p + 4, codes, o);
      }
      case MXFP4 -> {
        small[j] = (short) (b[p] & 0xFF);
        halves(b, p + 1, codes, o);
      }
      case Q4_K, Q5_K -> pairs(b, p, row, o);
      case Q6_K -> {
        factors[unit] = bits(b, p + 208);
        for (int i = 0; i < 8; i++) {
          small[j + i] = bits(b, p + 192 + 2 * i);
        }
        sixes(b, p, codes, o);
      }
      case Q2_K -> {
        factors[unit] = bits(b, p + 80);
        minima[unit] = bits(b, p + 82);
        for (int i = 0; i < 8; i++) {
          small[j + i] = bits(b, p + 2 * i);
        }
        for (int i = 0; i < 256; i++) {
          codes[o + i] = (byte) SmallBlocks.two(b, p + 16, i);
        }
      }
      case Q3_K -> {
        factors[unit] = bits(b, p + 108);
        for (int i = 0; i < 8; i++) {
          int first = SmallBlocks.scale3(b, p + 96, 2 * i) - 32;
          int second = SmallBlocks.scale3(b, p + 96, 2 * i + 1) - 32;
          small[j + i] = (short) (first & 0xFF | second << 8);
        }
        for (int i = 0; i < 256; i++) {
          codes[o + i] = (byte) SmallBlocks.three(b, p, i);
        }
      }
      case IQ4_XS -> {
        factors[unit] = bits(b, p);
        for (int i = 0; i < 8; i++) {
          small[j + i] = (short) (SmallBlocks.scaleXs(b, p, i) - 32 & 0xFF);
          halves(b, p + 8 + 16 * i, codes, o + 32 * i);
        }
      }
    }
    return row.format() == BlockFormat.MXFP4 || finite(factors[unit]) && finite(minima[unit]);
  }

  private static short bits(byte[] b, int p) {
    return (short) (b[p] & 0xFF | b[p + 1] << 8);
  }

  private static boolean finite(short half) {
    return (half & NOT_FINITE) != NOT_FINITE;
  }

  /** The low halves of 16 bytes, then the high halves. */
  private static void halves(byte[] b, int p, byte[] codes, int o) {
    for (int i = 0; i < 16; i++) {
      codes[o + i] = (byte) (b[p + i] & 15);
      codes[o + 16 + i] = (byte) (b[p + i] >> 4 & 15);
    }
  }

  private static void fives(byte[] b, int p, byte[] codes, int o) {
    halves(b, p + 4, codes, o);
    for (int i = 0; i < 32; i++) {
      codes[o + i] |= (byte) GgufBlocks.fifth(b, p, i);
    }
  }

  private static void pairs(byte[] b, int p, BlockRow row, int o) {
    boolean fifths = row.format() == BlockFormat.Q5_K;
    byte[] codes = row.codes();
    row.factors()[o / 256] = bits(b, p);
    row.minima()[o / 256] = bits(b, p + 2);
    for (int j = 0; j < 8; j++) {
      int scale = GgufBlocks.scale(b, p + 4, j);
      row.small()[o / 32 + j] = (short) (scale | GgufBlocks.minimum(b, p + 4, j) << 8);
      int from = p + (fifths ? 48 : 16) + j / 2 * 32;
      for (int i = 0; i < 32; i++) {
        int code = b[from + i] >> j % 2 * 4 & 15;
        code |= fifths ? (b[p + 16 + i] >> j & 1) << 4 : 0;
        codes[o + 32 * j + i] = (byte) code;
      }
    }
  }

  private static void sixes(byte[] b, int p, byte[] codes, int o) {
    for (int i = 0; i < 256; i++) {
      int half = i / 128;
      int part = i % 128 / 32;
      int low = b[p + 64 * half + part % 2 * 32 + i % 32] >> part / 2 * 4 & 15;
      int high = b[p + 128 + 32 * half + i % 32] >> 2 * part & 3;
      codes[o + i] = (byte) (low | high << 4);
    }
  }
}

package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;

/** The part of {@link GgufBlocks} for types of two or three bits, and for those with a table. */
final class SmallBlocks {
  private SmallBlocks() {}

  static void q2k(byte[] b, int p, float[] y, int o) {
    float d = GgufBlocks.f16(b, p + 80);
    float dmin = GgufBlocks.f16(b, p + 82);
    for (int i = 0; i < 256; i++) {
      int scales = b[p + i / 16];
      float d1 = d * (scales & 15);
      float m1 = dmin * (scales >> 4 & 15);
      y[o + i] = d1 * two(b, p + 16, i) - m1;
    }
  }

  static void q3k(byte[] b, int p, float[] y, int o) {
    float d = GgufBlocks.f16(b, p + 108);
    for (int i = 0; i < 256; i++) {
      float d1 = d * (scale3(b, p + 96, i / 16) - 32);
      y[o + i] = d1 * (three(b, p, i) - 4);
    }
  }

  static void iq4xs(byte[] b, int p, float[] y, int o) {
    float d = GgufBlocks.f16(b, p);
    for (int j = 0; j < 8; j++) {
      float d1 = d * (scaleXs(b, p, j) - 32);
      table(BlockFormat.IQ4_XS, d1, b, p + 8 + 16 * j, y, o + 32 * j);
    }
  }

  /** 32 numbers: the low halves of 16 bytes are the places of the first 16, the high halves'. */
  static void table(BlockFormat format, float d, byte[] b, int p, float[] y, int o) {
    for (int i = 0; i < 16; i++) {
      y[o + i] = d * format.value(b[p + i] & 15);
      y[o + 16 + i] = d * format.value(b[p + i] >> 4 & 15);
    }
  }

  /** Pair i of bits: 32 bytes hold four pairs each, 32 numbers apart. */
  static int two(byte[] b, int p, int i) {
    return b[p + i / 128 * 32 + i % 32] >> i % 128 / 32 * 2 & 3;
  }

  /** Code i of a Q3_K block: a pair of bits, and a third that is one of eight in a byte. */
  static int three(byte[] b, int p, int i) {
    return two(b, p + 32, i) | (b[p + i % 32] >> i / 32 & 1) << 2;
  }

  /** One of 16 scales of 6 bits: the lower four of two in each of 8 bytes, the upper in 4. */
  static int scale3(byte[] b, int p, int j) {
    int low = b[p + j % 8] >> j / 8 * 4 & 15;
    return low | (b[p + 8 + j % 4] >> j / 4 * 2 & 3) << 4;
  }

  /** One of 8 scales of 6 bits of an IQ4_XS block. */
  static int scaleXs(byte[] b, int p, int j) {
    int high = (b[p + 2] & 0xFF | (b[p + 3] & 0xFF) << 8) >> 2 * j & 3;
    return b[p + 4 + j / 2] >> j % 2 * 4 & 15 | high << 4;
  }
}

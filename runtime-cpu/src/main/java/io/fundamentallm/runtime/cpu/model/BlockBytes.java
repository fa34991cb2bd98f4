package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.nio.ByteBuffer;

/**
 * Blocks of keys and values as bytes in a file: of each head the keys, then the values, as the
 * block holds them, but only of its first positions.
 *
 * @param format of the cache
 * @param heads of keys and values in all layers
 * @param headSize channels of a head
 * @param valueColumns the same, rounded up to whole panels
 * @param start where numbers begin in a block's array
 */
record BlockBytes(KvCache.Format format, int heads, int headSize, int valueColumns, int start) {
  private static final int P = KvBlock.POSITIONS;
  private static final int W = PackedWeights.PANEL;

  /** Neighbouring elements of a block's arrays. */
  private interface Run {
    void at(int index, int count);
  }

  /** How many bytes so many positions take. */
  int size(int positions) {
    int each =
        switch (format) {
          case F32 -> Float.BYTES;
          case F16 -> Short.BYTES;
          case INT8 -> 1;
        };
    int scales = format == KvCache.Format.INT8 ? 2 * Float.BYTES : 0;
    return Math.multiplyExact(positions * heads, (headSize + valueColumns) * each + scales);
  }

  /** In words: sessions of caches that differ in this are not exchanged. */
  String layout() {
    return format + " keys and values of " + heads + " heads of " + headSize;
  }

  private void visit(int positions, Run numbers, Run scales) {
    for (int head = 0; head < heads; head++) {
      int keys = start + head * P * (headSize + valueColumns);
      for (int channel = 0; channel < headSize; channel++) {
        numbers.at(keys + channel * P, positions);
      }
      int values = keys + P * headSize;
      for (int column = 0; column < valueColumns; column += W) {
        numbers.at(values + column * P, positions * W);
      }
      if (format == KvCache.Format.INT8) {
        scales.at(head * 2 * P, positions);
        scales.at(head * 2 * P + P, positions);
      }
    }
  }

  /** Writes the first positions of a block; nothing of what other sessions left behind them. */
  void write(KvBlock block, int positions, ByteBuffer out) {
    visit(
        positions,
        (at, count) -> {
          for (int i = at; i < at + count; i++) {
            if (block.floats != null) {
              out.putFloat(block.floats[i]);
            } else if (block.halves != null) {
              out.putShort(block.halves[i]);
            } else if (block.bytes != null) {
              out.put(block.bytes[i]);
            }
          }
        },
        (at, count) -> {
          for (int i = at; block.scales != null && i < at + count; i++) {
            out.putFloat(block.scales[i]);
          }
        });
  }

  /** Reads what {@link #write} wrote. */
  void read(KvBlock block, int positions, ByteBuffer in) {
    visit(
        positions,
        (at, count) -> {
          for (int i = at; i < at + count; i++) {
            if (block.floats != null) {
              block.floats[i] = in.getFloat();
            } else if (block.halves != null) {
              block.halves[i] = in.getShort();
            } else if (block.bytes != null) {
              block.bytes[i] = in.get();
            }
          }
        },
        (at, count) -> {
          for (int i = at; block.scales != null && i < at + count; i++) {
            block.scales[i] = in.getFloat();
          }
        });
  }
}

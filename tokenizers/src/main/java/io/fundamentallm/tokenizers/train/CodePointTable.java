package io.fundamentallm.tokenizers.train;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/** A number for each code point, 0 at first; memory only for the blocks that are used. */
final class CodePointTable {
  private static final int BITS = 8;

  private final long[] @Nullable [] blocks = new long[0x110000 >> BITS][];

  long get(int codePoint) {
    long[] block = blocks[codePoint >> BITS];
    return block == null ? 0 : block[codePoint & (1 << BITS) - 1];
  }

  void set(int codePoint, long value) {
    block(codePoint)[codePoint & (1 << BITS) - 1] = value;
  }

  void add(int codePoint, long value) {
    block(codePoint)[codePoint & (1 << BITS) - 1] += value;
  }

  /** The code points whose number is not 0, ascending. */
  int[] used() {
    int[] used = new int[64];
    int count = 0;
    for (int block = 0; block < blocks.length; block++) {
      long[] values = blocks[block];
      if (values == null) {
        continue;
      }
      for (int i = 0; i < values.length; i++) {
        if (values[i] != 0) {
          if (count == used.length) {
            used = Arrays.copyOf(used, 2 * count);
          }
          used[count++] = block << BITS | i;
        }
      }
    }
    return Arrays.copyOf(used, count);
  }

  private long[] block(int codePoint) {
    long[] block = blocks[codePoint >> BITS];
    if (block == null) {
      block = new long[1 << BITS];
      blocks[codePoint >> BITS] = block;
    }
    return block;
  }
}

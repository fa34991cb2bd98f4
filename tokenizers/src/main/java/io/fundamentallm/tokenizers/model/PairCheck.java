package io.fundamentallm.tokenizers.model;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;

/**
 * What is known about pairs of adjacent tokens: whether merging leaves both as they are. One table
 * for all threads, without locks: an entry is one word, and a lost one is computed again.
 */
final class PairCheck {
  private static final VarHandle ENTRY = MethodHandles.arrayElementVarHandle(long[].class);
  private static final int BITS = 18;

  /** Both ids in 31 bits each, then the answer, then a bit that is always set. */
  private final long[] entries = new long[1 << BITS];

  /** 1 if both stay, 0 if not, -1 if that is not known. */
  int known(int left, int right) {
    long pair = pair(left, right);
    long entry = (long) ENTRY.getOpaque(entries, slot(pair));
    return (entry & ~2L) == pair ? (int) (entry >>> 1) & 1 : -1;
  }

  void learn(int left, int right, boolean separate) {
    long pair = pair(left, right);
    ENTRY.setOpaque(entries, slot(pair), separate ? pair | 2 : pair);
  }

  private static long pair(int left, int right) {
    return ((long) left << 33) | ((long) right << 2) | 1;
  }

  private static int slot(long pair) {
    return (int) ((pair * 0x9E3779B97F4A7C15L) >>> (64 - BITS));
  }
}

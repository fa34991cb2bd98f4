package io.fundamentallm.tokenizers.model;

import java.util.Arrays;

/**
 * Byte strings in a double-array trie, which finds the strings that a text begins with at a few
 * nanoseconds a byte. The children of a node are at {@code base ^ byte}; since no two nodes share a
 * base, a cell that knows its own byte needs no pointer to its parent (Yata's darts-clone).
 * Immutable and thread-safe.
 *
 * <p>A cell is the byte in 9 bits (256 where the cell is empty), the id + 1 of the string that ends
 * here in 27, and the base of the children in 28.
 */
public final class UnigramTrie {
  private static final long EMPTY = 256;
  private static final int LABEL_MASK = 511;
  private static final int ID_SHIFT = 9;
  private static final int ID_MASK = (1 << 27) - 1;
  private static final int BASE_SHIFT = 36;

  private final long[] cells;

  private UnigramTrie(long[] cells) {
    this.cells = cells;
  }

  /**
   * A trie of some of these strings.
   *
   * @param strings by id
   * @param ids the strings in it, none of them empty; of equal strings the last one counts
   * @throws IllegalArgumentException if there are too many for a vocabulary
   */
  public static UnigramTrie of(byte[][] strings, int[] ids) {
    Integer[] boxed = new Integer[ids.length];
    for (int i = 0; i < ids.length; i++) {
      boxed[i] = i;
    }
    // a stable sort keeps equal strings in their order
    Arrays.sort(boxed, (a, b) -> Arrays.compareUnsigned(strings[ids[a]], strings[ids[b]]));
    int[] sorted = new int[ids.length];
    int count = 0;
    for (Integer i : boxed) {
      int id = ids[i];
      if (count > 0 && Arrays.equals(strings[sorted[count - 1]], strings[id])) {
        count--;
      }
      sorted[count++] = id;
    }
    return new UnigramTrie(new UnigramTrieBuilder(strings, Arrays.copyOf(sorted, count)).cells());
  }

  static long empty() {
    return EMPTY;
  }

  static long cell(int label, int id, int base) {
    return label | (id + 1L) << ID_SHIFT | (long) base << BASE_SHIFT;
  }

  /** The node of the empty string. */
  public long root() {
    return cells[0];
  }

  /** The node after one more byte, or one that is {@link #isNone}. */
  public long next(long node, int b) {
    long next = cells[(int) (node >>> BASE_SHIFT) ^ (b & 0xFF)];
    return (next & LABEL_MASK) == (b & 0xFF) ? next : EMPTY;
  }

  /** Whether there is no such node. */
  public static boolean isNone(long node) {
    return node == EMPTY;
  }

  /** The id of the string that ends at a node, or -1. */
  public static int id(long node) {
    return (int) (node >>> ID_SHIFT & ID_MASK) - 1;
  }

  /** The id of the string {@code text[from, to)}, or -1. */
  public int find(byte[] text, int from, int to) {
    long node = cells[0];
    for (int i = from; i < to; i++) {
      node = next(node, text[i]);
      if (node == EMPTY) {
        return -1;
      }
    }
    return id(node);
  }

  /** The length of the longest string that {@code text[from, to)} begins with, or 0. */
  public int longestPrefix(byte[] text, int from, int to) {
    long node = cells[0];
    int longest = 0;
    for (int i = from; i < to; i++) {
      node = next(node, text[i]);
      if (node == EMPTY) {
        break;
      }
      if (id(node) >= 0) {
        longest = i + 1 - from;
      }
    }
    return longest;
  }
}

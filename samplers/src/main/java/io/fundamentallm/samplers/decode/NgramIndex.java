package io.fundamentallm.samplers.decode;

import java.util.Arrays;

/**
 * Where each n-gram of a growing text ended, for all n up to a maximum. A trie whose nodes are
 * found by hashing (parent, token), so answers are exact; a token costs one look-up per n, and a
 * search one per token of the n-gram, however long the text is. One thread at a time.
 */
final class NgramIndex {
  private static final int ROOT = 0;
  private static final int NONE = -1;

  private final boolean earliest;

  /** By n: the node of the n-gram that ends with the last token, or NONE. */
  private final int[] tails;

  /** Open addressing: parent and token, and the child's node; ROOT if the slot is empty. */
  private long[] keys = new long[256];

  private int[] children = new int[256];

  /** By node: where its n-gram ended. */
  private int[] ends = new int[128];

  private int nodes = 1;
  private int size;

  /**
   * An index of no text.
   *
   * @param longest the largest n
   * @param earliest whether to remember where an n-gram ended first, rather than last
   */
  NgramIndex(int longest, boolean earliest) {
    this.earliest = earliest;
    tails = new int[longest + 1];
    Arrays.fill(tails, 1, tails.length, NONE);
  }

  /** How many tokens it knows. */
  int size() {
    return size;
  }

  /** Adds a token at the end of the text. */
  void add(int token) {
    for (int n = tails.length - 1; n >= 1; n--) {
      tails[n] = tails[n - 1] == NONE ? NONE : grow(tails[n - 1], token);
    }
    size++;
  }

  /**
   * Where an n-gram ended: the index of its last token, or -1 if it never occurred.
   *
   * @param tokens holds the n-gram from {@code from} on
   */
  int find(int[] tokens, int from, int n) {
    int node = ROOT;
    for (int i = from; i < from + n; i++) {
      node = children[slot(node, tokens[i])];
      if (node == ROOT) {
        return NONE;
      }
    }
    return ends[node];
  }

  /** The child for a token, which ends here. */
  private int grow(int parent, int token) {
    int slot = slot(parent, token);
    int child = children[slot];
    if (child == ROOT) {
      child = nodes++;
      keys[slot] = key(parent, token);
      children[slot] = child;
      if (nodes > ends.length) {
        ends = Arrays.copyOf(ends, 2 * ends.length);
      }
      if (2 * nodes > keys.length) {
        rehash();
      }
    } else if (earliest) {
      return child;
    }
    ends[child] = size;
    return child;
  }

  private void rehash() {
    long[] oldKeys = keys;
    int[] oldChildren = children;
    keys = new long[2 * oldKeys.length];
    children = new int[keys.length];
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldChildren[i] != ROOT) {
        int slot = slot((int) (oldKeys[i] >>> Integer.SIZE), (int) oldKeys[i]);
        keys[slot] = oldKeys[i];
        children[slot] = oldChildren[i];
      }
    }
  }

  /** The slot of this child, or the empty one where it would be. */
  private int slot(int parent, int token) {
    long key = key(parent, token);
    long hash = key * 0x9E3779B97F4A7C15L; // Fibonacci hashing (Knuth, volume 3, section 6.4)
    int slot = (int) (hash >>> Integer.SIZE) & (keys.length - 1);
    while (children[slot] != ROOT && keys[slot] != key) {
      slot = (slot + 1) & (keys.length - 1);
    }
    return slot;
  }

  private static long key(int parent, int token) {
    return (long) parent << Integer.SIZE | Integer.toUnsignedLong(token);
  }
}

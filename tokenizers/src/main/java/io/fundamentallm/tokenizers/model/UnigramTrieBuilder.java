package io.fundamentallm.tokenizers.model;

import java.util.Arrays;
import java.util.BitSet;

/** Places the nodes of a {@link UnigramTrie} in its array, first fit. */
final class UnigramTrieBuilder {
  /** Real vocabularies of 256,000 pieces have about a million nodes. */
  private static final int MAX_CELLS = 1 << 24;

  /**
   * Only the free cells of this many of the newest blocks of 256 are tried, which keeps building
   * linear; the number is darts-clone's.
   */
  private static final int OPEN_BLOCKS = 16;

  private final byte[][] strings;
  private final int[] sorted;

  private long[] cells = {};
  private int size;

  /** Free cells in a list, ascending; -1 ends it. */
  private int[] nextFree = {};

  private int[] previousFree = {};
  private int firstFree = -1;
  private int lastFree = -1;
  private final BitSet usedBases = new BitSet();

  /** Nodes whose children are still to be placed: cell, range of strings, depth. */
  private int[] queue = new int[1024];

  private int queued;

  /** The bytes of a node's children, and where their strings start. */
  private final int[] labels = new int[256];

  private final int[] starts = new int[257];

  UnigramTrieBuilder(byte[][] strings, int[] sorted) {
    this.strings = strings;
    this.sorted = sorted;
  }

  long[] cells() {
    grow();
    take(0);
    // leaves have base 0: in the first block only the root's cell is used, and it has no byte
    usedBases.set(0);
    cells[0] = UnigramTrie.empty();
    for (int i = 1; i < 256; i++) {
      take(i);
    }
    enqueue(0, 0, sorted.length, 0);
    for (int head = 0; head < queued; head += 4) {
      place(queue[head], queue[head + 1], queue[head + 2], queue[head + 3]);
    }
    return Arrays.copyOf(cells, size);
  }

  /** Gives a node its id and places its children, whose strings are {@code sorted[from, to)}. */
  private void place(int cell, int from, int to, int depth) {
    int id = -1;
    if (from < to && strings[sorted[from]].length == depth) {
      id = sorted[from++];
    }
    int label = (int) cells[cell];
    if (from == to) {
      cells[cell] = UnigramTrie.cell(label, id, 0);
      return;
    }
    int count = 0;
    for (int i = from; i < to; i++) {
      int b = strings[sorted[i]][depth] & 0xFF;
      if (count == 0 || labels[count - 1] != b) {
        labels[count] = b;
        starts[count++] = i;
      }
    }
    starts[count] = to;
    int base = base(count);
    usedBases.set(base);
    cells[cell] = UnigramTrie.cell(label, id, base);
    for (int i = 0; i < count; i++) {
      int child = base ^ labels[i];
      take(child);
      cells[child] = labels[i];
      enqueue(child, starts[i], starts[i + 1], depth + 1);
    }
  }

  private int base(int count) {
    for (int cell = firstFree; cell >= 0; cell = nextFree[cell]) {
      int base = cell ^ labels[0];
      if (!usedBases.get(base) && fits(base, count)) {
        return base;
      }
    }
    int base = size;
    grow();
    return base;
  }

  private boolean fits(int base, int count) {
    for (int i = 0; i < count; i++) {
      // a taken cell is its own successor
      if (nextFree[base ^ labels[i]] == (base ^ labels[i])) {
        return false;
      }
    }
    return true;
  }

  private void grow() {
    if (size >= MAX_CELLS) {
      throw new IllegalArgumentException(
          "the pieces have more than " + MAX_CELLS + " different beginnings");
    }
    if (size + 256 > cells.length) {
      int length = Math.max(size + 256, size + (size >> 1)) + 255 & ~255;
      cells = Arrays.copyOf(cells, length);
      nextFree = Arrays.copyOf(nextFree, length);
      previousFree = Arrays.copyOf(previousFree, length);
    }
    for (int cell = size; cell < size + 256; cell++) {
      cells[cell] = UnigramTrie.empty();
      previousFree[cell] = lastFree;
      nextFree[cell] = -1;
      if (lastFree >= 0) {
        nextFree[lastFree] = cell;
      } else {
        firstFree = cell;
      }
      lastFree = cell;
    }
    size += 256;
    // the list is ascending, so the oldest are at its head
    while (firstFree < size - 256 * OPEN_BLOCKS) {
      close(firstFree);
    }
  }

  /** Takes a cell out of the list of free ones. */
  private void close(int cell) {
    int previous = previousFree[cell];
    int next = nextFree[cell];
    if (previous >= 0) {
      nextFree[previous] = next;
    } else {
      firstFree = next;
    }
    if (next >= 0) {
      previousFree[next] = previous;
    } else {
      lastFree = previous;
    }
  }

  private void take(int cell) {
    close(cell);
    nextFree[cell] = cell;
  }

  private void enqueue(int cell, int from, int to, int depth) {
    if (queued + 4 > queue.length) {
      queue = Arrays.copyOf(queue, queue.length * 2);
    }
    queue[queued++] = cell;
    queue[queued++] = from;
    queue[queued++] = to;
    queue[queued++] = depth;
  }
}

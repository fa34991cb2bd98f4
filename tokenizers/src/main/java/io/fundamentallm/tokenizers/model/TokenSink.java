package io.fundamentallm.tokenizers.model;

import java.util.Arrays;

/**
 * Takes the tokens that a model finds: ids and, on request, the ranges of bytes of the text that
 * the tokens stand for. Grows and is reused; one thread at a time.
 */
public final class TokenSink {
  private int[] ids = new int[64];
  private int length;
  private boolean ranged;

  /** Only while ranged. */
  private int[] starts = {};

  private int[] ends = {};

  /** Empties the sink. */
  public void clear(boolean ranged) {
    length = 0;
    this.ranged = ranged;
  }

  /** Whether ranges are kept. */
  public boolean ranged() {
    return ranged;
  }

  /** How many tokens there are. */
  public int length() {
    return length;
  }

  /** Adds a token that stands for {@code text[start, end)}. */
  public void add(int id, int start, int end) {
    if (length == ids.length || (ranged && length >= starts.length)) {
      reserve(1);
    }
    if (ranged) {
      starts[length] = start;
      ends[length] = end;
    }
    ids[length++] = id;
  }

  /** The array of ids with room for this many more after {@link #length()}. */
  public int[] reserve(int more) {
    int needed = Math.addExact(length, more);
    if (needed > ids.length) {
      ids = Arrays.copyOf(ids, Math.max(needed, length + (length >> 1)));
    }
    if (ranged && starts.length < ids.length) {
      starts = Arrays.copyOf(starts, ids.length);
      ends = Arrays.copyOf(ends, ids.length);
    }
    return ids;
  }

  /** Sets how many there are, once ids were written into the array that {@link #reserve} gave. */
  public void length(int length) {
    this.length = length;
  }

  /** A token. */
  public int id(int index) {
    return ids[index];
  }

  /** Where the text of a token starts; only while ranged. */
  public int start(int index) {
    return starts[index];
  }

  /** Where the text of a token ends; only while ranged. */
  public int end(int index) {
    return ends[index];
  }

  /** Changes the range of a token; only while ranged. */
  public void range(int index, int start, int end) {
    starts[index] = start;
    ends[index] = end;
  }
}

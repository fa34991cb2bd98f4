package io.fundamentallm.tokenizers;

import java.util.Arrays;

/** A growing list of token ids that encoders write into directly. One thread at a time. */
final class IdBuffer {
  private int[] ids = {};
  private int length;

  int length() {
    return length;
  }

  /** The array, with room for so many more ids behind {@link #length()}. */
  int[] room(int more) {
    if (ids.length - length < more) {
      // more is exact for a text without special tokens; with them, growing by half bounds copying
      int least = Math.addExact(length, more);
      ids = Arrays.copyOf(ids, length == 0 ? least : Math.max(least, length + (length >> 1)));
    }
    return ids;
  }

  /** The ids end here now; they were written into the array that {@link #room} gave. */
  void length(int length) {
    this.length = length;
  }

  void add(int id) {
    room(1)[length++] = id;
  }

  int[] toArray() {
    return length == ids.length ? ids : Arrays.copyOf(ids, length);
  }
}

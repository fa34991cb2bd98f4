package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;

/** Sequences of tokens whose last token a history may need next. Immutable. */
final class Sequences {
  private Sequences() {}

  /**
   * Whether the history ends with all but the last token of a sequence; always true for a sequence
   * of one.
   */
  static boolean nextIsLast(int[] sequence, History history) {
    int before = sequence.length - 1;
    if (before > history.length()) {
      return false;
    }
    for (int i = 0; i < before; i++) {
      if (history.token(history.length() - before + i) != sequence[i]) {
        return false;
      }
    }
    return true;
  }
}

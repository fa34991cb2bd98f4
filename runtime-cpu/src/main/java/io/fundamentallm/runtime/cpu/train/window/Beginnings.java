package io.fundamentallm.runtime.cpu.train.window;

import io.fundamentallm.text.Tokenizer;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * Where a text could begin: after an empty line. There a window starts with the begin token in the
 * place of the line break. In a text that is one document this token stands once; a model that saw
 * it once cannot go on from it, and what it says of the first token of any text is noise.
 */
final class Beginnings {
  private final int begin;
  private final boolean[] breaks; // tokens that end with a line break
  private final boolean[] alone; // that are no more than one
  private final boolean[] empty; // that end with an empty line

  private Beginnings(Tokenizer tokenizer, int begin) {
    this.begin = begin;
    int size = tokenizer.vocabulary().size();
    breaks = new boolean[size];
    alone = new boolean[size];
    empty = new boolean[size];
    for (int id = 0; id < size; id++) {
      String text = tokenizer.decode(id).replace("\r", "");
      breaks[id] = text.endsWith("\n");
      alone[id] = text.equals("\n");
      empty[id] = text.endsWith("\n\n");
    }
  }

  /** Nothing if the vocabulary has no begin token. */
  static Optional<Beginnings> of(Tokenizer tokenizer) {
    OptionalInt begin = tokenizer.beginToken();
    return begin.isEmpty()
        ? Optional.empty()
        : Optional.of(new Beginnings(tokenizer, begin.getAsInt()));
  }

  /**
   * What a window starts with.
   *
   * @param before the token before its first one
   */
  int first(int before, int first) {
    if (Math.max(before, first) >= breaks.length) {
      return first; // who computes with it says that there is no such token
    }
    return empty[first] || (alone[first] && breaks[before]) ? begin : first;
  }
}

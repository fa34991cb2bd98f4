package io.fundamentallm.text;

import java.util.OptionalInt;
import java.util.Set;

/**
 * The tokens of a {@link Tokenizer}. Published vocabularies may have gaps: an id without a token
 * decodes to nothing, no text encodes to it, it is not special, and {@link #token} gives a stand-in
 * for it. Immutable and thread-safe.
 */
public interface Vocabulary {
  /** How many ids there are; they run from 0. */
  int size();

  /**
   * The written form of a token; for tokens that are not valid text on their own, a printable
   * stand-in.
   *
   * @throws IllegalArgumentException for an id outside {@code [0, size())}
   */
  String token(int id);

  /** The id of a written form, exactly as {@link #token} gives it. */
  OptionalInt id(String token);

  /** Beginning of text; empty, as by default, if there is no such token. */
  default OptionalInt bos() {
    return OptionalInt.empty();
  }

  /** End of text; empty, as by default, if there is no such token. */
  default OptionalInt eos() {
    return OptionalInt.empty();
  }

  /** Padding; empty, as by default, if there is no such token. */
  default OptionalInt pad() {
    return OptionalInt.empty();
  }

  /**
   * What stands for text that cannot be represented; empty, as by default, if there is no such
   * token.
   */
  default OptionalInt unk() {
    return OptionalInt.empty();
  }

  /** The ids that are control signals, not text; by default none. */
  default Set<Integer> special() {
    return Set.of();
  }
}

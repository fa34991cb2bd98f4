package io.fundamentallm;

import java.util.OptionalInt;
import java.util.Set;

/** The tokens of a {@link Tokenizer}. Immutable and thread-safe. */
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

  /** Beginning of text. */
  OptionalInt bos();

  /** End of text. */
  OptionalInt eos();

  /** Padding. */
  OptionalInt pad();

  /** What stands for text that cannot be represented. */
  OptionalInt unk();

  /** The ids that are control signals and no text. */
  Set<Integer> special();
}

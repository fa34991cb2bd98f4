package io.fundamentallm.training;

import java.util.Objects;

/**
 * What is known of the tokens of examples, such as conversations, besides their ids: where examples
 * begin, and which tokens are to be learned. Thread-safe.
 *
 * <p>A token's mark is a byte of bits. In training, a token of an example sees only those before it
 * in the same example, and positions count from the example's first token; only marked tokens have
 * a loss.
 */
public interface TokenMarks {
  /** The bit of a token that begins an example. */
  int BEGIN = 1;

  /**
   * The bit of a token that begins what stays together in one window: an example; or two, of which
   * the first is preferred to the second.
   */
  int UNIT = 2;

  /** The bit of a token that is to be predicted; without it a token is only context. */
  int LEARNED = 4;

  /**
   * Copies the marks of tokens.
   *
   * @param from index of the first, as in {@link TokenSequence#read}
   * @param into receives {@code count} marks from {@code offset} on
   * @throws IndexOutOfBoundsException outside the sequence or the array
   */
  void read(long from, byte[] into, int offset, int count);

  /** The marks of a part of the sequence. */
  default TokenMarks slice(long from, long to) {
    return (first, into, offset, count) -> {
      Objects.checkFromIndexSize(first, count, to - from);
      read(from + first, into, offset, count);
    };
  }
}

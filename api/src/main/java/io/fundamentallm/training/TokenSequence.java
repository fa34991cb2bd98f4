package io.fundamentallm.training;

import java.util.Objects;
import java.util.Optional;

/**
 * A long sequence of token ids to read from: in memory, in a {@link TokenFile}, or elsewhere.
 * Thread-safe.
 */
public interface TokenSequence {
  /** How many tokens there are. */
  long size();

  /**
   * Copies tokens.
   *
   * @param from index of the first, in {@code [0, size() - count]}
   * @param into receives {@code count} ids from {@code offset} on
   * @throws IndexOutOfBoundsException outside the sequence or the array
   */
  void read(long from, int[] into, int offset, int count);

  /** Where examples begin and what of them is learned; none if all tokens are one text. */
  default Optional<TokenMarks> marks() {
    return Optional.empty();
  }

  /** What a teacher expects after each token, for distillation; usually none. */
  default Optional<TeacherTokens> teacher() {
    return Optional.empty();
  }

  /**
   * A part of this sequence, which still holds the tokens.
   *
   * @param from index of the first token
   * @param to index after the last one
   * @throws IndexOutOfBoundsException outside the sequence
   */
  default TokenSequence slice(long from, long to) {
    Objects.checkFromToIndex(from, to, size());
    TokenSequence whole = this;
    return new TokenSequence() {
      @Override
      public long size() {
        return to - from;
      }

      @Override
      public void read(long first, int[] into, int offset, int count) {
        Objects.checkFromIndexSize(first, count, to - from);
        whole.read(from + first, into, offset, count);
      }

      @Override
      public Optional<TokenMarks> marks() {
        return whole.marks().map(marks -> marks.slice(from, to));
      }

      @Override
      public Optional<TeacherTokens> teacher() {
        return whole.teacher().map(teacher -> teacher.slice(from, to));
      }
    };
  }

  /** A sequence in memory; the array is copied. */
  static TokenSequence of(int... tokens) {
    int[] own = tokens.clone();
    return new TokenSequence() {
      @Override
      public long size() {
        return own.length;
      }

      @Override
      public void read(long from, int[] into, int offset, int count) {
        Objects.checkFromIndexSize(from, count, own.length);
        System.arraycopy(own, (int) from, into, offset, count);
      }
    };
  }
}

package io.fundamentallm.training;

import java.util.Objects;

/**
 * The most likely next tokens after each token of a sequence, as a teacher sees them: what {@link
 * TeacherFile} holds. Thread-safe.
 */
public interface TeacherTokens {
  /** K: how many tokens there are for each place, at least 1. */
  int count();

  /**
   * Copies what the teacher expects after tokens. Places after which nothing is learned have no
   * expectation: their log-probabilities are NaN.
   *
   * @param from index of the first token, as in {@link TokenSequence#read}
   * @param tokens receives K ids for each, from {@code K·offset} on, the likeliest first
   * @param logProbabilities receives their natural logarithms of probability at temperature 1
   * @param count how many tokens
   */
  void read(long from, int[] tokens, float[] logProbabilities, int offset, int count);

  /** Identifies the expectations, as {@link TeacherFile} does with a checksum. */
  String fingerprint();

  /** Those of a part of the sequence. */
  default TeacherTokens slice(long from, long to) {
    TeacherTokens whole = this;
    return new TeacherTokens() {
      @Override
      public int count() {
        return whole.count();
      }

      @Override
      public void read(long first, int[] tokens, float[] logs, int offset, int count) {
        Objects.checkFromIndexSize(first, count, to - from);
        whole.read(from + first, tokens, logs, offset, count);
      }

      @Override
      public String fingerprint() {
        return whole.fingerprint() + ", from " + from + " to " + to;
      }
    };
  }
}

package io.fundamentallm.tokenizers.train;

import java.util.Arrays;

/**
 * Pieces with scores, as parts of a text. The first one stands for the unknown and has no text, as
 * in Hugging Face's trainer.
 */
final class PieceSet {
  private int[] starts = new int[1 << 10];
  private int[] lengths = new int[1 << 10];
  private double[] scores = new double[1 << 10];
  private int size;

  /** Only the unknown. */
  PieceSet() {
    add(0, 0, 0);
  }

  void add(int start, int length, double score) {
    if (size == starts.length) {
      starts = Arrays.copyOf(starts, 2 * size);
      lengths = Arrays.copyOf(lengths, 2 * size);
      scores = Arrays.copyOf(scores, 2 * size);
    }
    starts[size] = start;
    lengths[size] = length;
    scores[size++] = score;
  }

  /** How many pieces there are, including the unknown. */
  int size() {
    return size;
  }

  int start(int piece) {
    return starts[piece];
  }

  int length(int piece) {
    return lengths[piece];
  }

  double score(int piece) {
    return scores[piece];
  }

  void score(int piece, double score) {
    scores[piece] = score;
  }

  /** The lowest score of a piece that is not the unknown. */
  double minScore() {
    double min = 0;
    for (int piece = 1; piece < size; piece++) {
      min = Math.min(min, scores[piece]);
    }
    return min;
  }
}

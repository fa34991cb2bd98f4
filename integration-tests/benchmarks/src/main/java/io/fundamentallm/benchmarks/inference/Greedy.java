package io.fundamentallm.benchmarks.inference;

/** The choice of the next token, the same work for every engine that leaves it to Java. */
final class Greedy {
  private Greedy() {}

  /** The first of the largest. */
  static int choose(float[] logits) {
    int best = 0;
    float largest = logits[0];
    for (int i = 1; i < logits.length; i++) {
      if (logits[i] > largest) {
        largest = logits[i];
        best = i;
      }
    }
    return best;
  }
}

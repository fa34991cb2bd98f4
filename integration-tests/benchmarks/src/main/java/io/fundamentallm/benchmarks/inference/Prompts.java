package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.models.Shape;
import io.fundamentallm.benchmarks.models.TokenText;
import java.util.SplittableRandom;

/** What models of random weights go on from. */
final class Prompts {
  private Prompts() {}

  /** Random tokens that have a text, the same for the same arguments. */
  static int[] random(Shape shape, int length, long seed) {
    return new SplittableRandom(seed)
        .ints(length, TokenText.FIRST_ID, shape.vocabulary())
        .toArray();
  }
}

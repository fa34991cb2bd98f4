package io.fundamentallm.benchmarks.inference;

import io.fundamentallm.benchmarks.models.Shape;
import java.util.SplittableRandom;

/** What models of random weights go on from. */
final class Prompts {
  private Prompts() {}

  /** Random tokens, the same for the same arguments. The ids below 3 stand for begin and end. */
  static int[] random(Shape shape, int length, long seed) {
    return new SplittableRandom(seed).ints(length, 3, shape.vocabulary()).toArray();
  }
}

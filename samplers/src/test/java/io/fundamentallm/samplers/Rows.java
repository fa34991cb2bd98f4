package io.fundamentallm.samplers;

import java.util.Comparator;
import java.util.List;
import java.util.stream.IntStream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;

/** Rows of logits for properties, and the plain reference for their order. */
final class Rows {
  private Rows() {}

  /** From 1 to 2,000 scores, with many ties or none, some of them not to be chosen. */
  static Arbitrary<float[]> any() {
    Arbitrary<Float> ties = Arbitraries.integers().between(-6, 6).map(i -> i / 2f);
    Arbitrary<Float> different = Arbitraries.floats().between(-30, 30);
    Arbitrary<Float> never = Arbitraries.just(Float.NEGATIVE_INFINITY);
    return Arbitraries.of(ties, different, Arbitraries.oneOf(ties, different, never))
        .flatMap(
            scores ->
                Arbitraries.integers()
                    .between(1, 2000)
                    .flatMap(size -> scores.array(float[].class).ofSize(size)))
        .map(
            row -> {
              row[row.length / 2] = 1; // at least one can be chosen
              return row;
            });
  }

  /** Ids by score from the best down; among equals by id. */
  static List<Integer> bestFirst(float[] row) {
    return IntStream.range(0, row.length)
        .boxed()
        .sorted(
            Comparator.comparingDouble((Integer id) -> row[id]).reversed().thenComparing(id -> id))
        .toList();
  }
}

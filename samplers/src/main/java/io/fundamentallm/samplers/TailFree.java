package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.samplers.filter.Ranking;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code tail-free=Z}: tail-free sampling (Phénix, Egan: "Tail free sampling", 2019; the rule is
 * text-generation-webui's). Sorts the probabilities from the best down, among equals by id, and
 * takes the absolute values of their second differences, divided by their sum. A token stays while
 * those before it add up to at most Z; the best always stays, and the last never does. Z is in
 * {@code (0, 1]}; 1 keeps all, and all stay if there are fewer than three candidates or they are
 * equal.
 *
 * <p>{@code tail-free(value=Z,min-keep=N)} keeps at least the N best tokens; N defaults to 1.
 */
public final class TailFree implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TailFree() {}

  @Override
  public String name() {
    return "tail-free";
  }

  @Override
  public SamplerStage create(Options options) {
    double z = options.real("value", Range.openClosed(0, 1));
    int minKeep = options.integer("min-keep", 1, 1, Integer.MAX_VALUE);
    return SamplerStage.processor(binding -> new WithoutTail(z, minKeep));
  }

  private static final class WithoutTail implements LogitsProcessor {
    private final double z;
    private final int minKeep;
    private final Softmax softmax = new Softmax();
    private final Ranking ranking = new Ranking();
    private int[] indices = {};

    WithoutTail(double z, int minKeep) {
      this.z = z;
      this.minKeep = minKeep;
    }

    @Override
    public void process(Step step) {
      if (z == 1) {
        return;
      }
      Logits logits = step.logits();
      softmax.of(logits);
      int count = logits.count();
      if (count < 3 || minKeep >= count) {
        return;
      }
      ranking.of(logits);
      double sum = 0;
      for (int rank = 0; rank < count - 2; rank++) {
        sum += curvature(rank);
      }
      if (sum == 0) {
        return;
      }
      double limit = z * sum * (1 + Softmax.ROUNDING);
      double cumulative = 0;
      int kept = 1;
      while (kept < count - 1) {
        cumulative += curvature(kept - 1);
        if (cumulative > limit) {
          break;
        }
        kept++;
      }
      retain(logits, Math.max(kept, minKeep));
    }

    private double curvature(int rank) {
      double first = weight(rank);
      double second = weight(rank + 1);
      double third = weight(rank + 2);
      return Math.abs((first - second) - (second - third));
    }

    private double weight(int rank) {
      return softmax.weight(ranking.index(rank));
    }

    private void retain(Logits logits, int kept) {
      if (indices.length < kept) {
        indices = new int[logits.vocabularySize()];
      }
      int last = ranking.index(kept - 1);
      float[] scores = logits.scores();
      int n = 0;
      for (int i = 0; n < kept; i++) { // in the order of ids
        if (scores[i] > scores[last] || (scores[i] == scores[last] && i <= last)) {
          indices[n++] = i;
        }
      }
      logits.retain(indices, kept);
    }
  }
}

package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code xtc(probability=Q,threshold=T)}: excludes top choices (p-e-w: "Exclude top choices",
 * text-generation-webui, 2024). With probability Q at each token, drops all but the least likely of
 * the tokens whose probability is at least T; less likely ones stay. So the text leaves the beaten
 * track only where there is another. Q is in {@code [0, 1]}, T in {@code (0, 1]}; with T above 0.5
 * nothing is ever dropped. A probability that falls short of T by a share of 1e-6 or less still
 * reaches it.
 *
 * <p>{@code keep-ties} (default true): of several equally least likely tokens at or above T all
 * stay, as in mlx-lm; with false only the one with the highest id, as in llama.cpp. {@code
 * min-keep=N} drops nothing if fewer than N tokens would be left. {@code protected} lists tokens
 * that are never dropped, such as line breaks and ends, in the notation of this package.
 */
public final class Xtc implements SamplerProvider {
  private static final long PURPOSE = Randomness.purpose("xtc");

  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public Xtc() {}

  @Override
  public String name() {
    return "xtc";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(
        options.real("probability", Range.closed(0, 1)),
        options.real("threshold", Range.openClosed(0, 1)),
        options.integer("min-keep", 1, 1, Integer.MAX_VALUE),
        options.flag("keep-ties", true),
        options.has("protected") ? TokenList.of(options, "protected") : TokenList.NONE);
  }

  static SamplerStage stage(
      double probability, double threshold, int minKeep, boolean keepTies, TokenList shielded) {
    return SamplerStage.named(
        "xtc",
        SamplerStage.processor(
            binding ->
                new Exclusion(probability, threshold, minKeep, keepTies, shielded.mask(binding))));
  }

  private static final class Exclusion implements LogitsProcessor {
    private final double probability;
    private final double threshold;
    private final int minKeep;
    private final boolean keepTies;
    private final long[] shielded;
    private final Softmax softmax = new Softmax();
    private int[] indices = {};

    Exclusion(
        double probability, double threshold, int minKeep, boolean keepTies, long[] shielded) {
      this.probability = probability;
      this.threshold = threshold;
      this.minKeep = minKeep;
      this.keepTies = keepTies;
      this.shielded = shielded;
    }

    @Override
    public void process(Step step) {
      if (step.uniform(PURPOSE) >= probability) {
        return;
      }
      Logits logits = step.logits();
      softmax.of(logits);
      double floor = softmax.scoreOf(threshold);
      float[] scores = logits.scores();
      int count = logits.count();
      int min = -1;
      for (int i = 0; i < count; i++) {
        // of equals the last one, which the order by score and id puts at the end
        if (scores[i] >= floor && (min < 0 || scores[i] <= scores[min])) {
          min = i;
        }
      }
      if (min >= 0) {
        dropAbove(logits, min);
      }
    }

    private void dropAbove(Logits logits, int min) {
      int count = logits.count();
      if (indices.length < count) {
        indices = new int[count];
      }
      float[] scores = logits.scores();
      float kept = scores[min];
      int n = 0;
      for (int i = 0; i < count; i++) {
        boolean stays = scores[i] < kept || (scores[i] == kept && (keepTies || i == min));
        if (stays || TokenList.isSet(shielded, logits.token(i))) {
          indices[n++] = i;
        }
      }
      if (n >= minKeep && n < count) {
        logits.retain(indices, n);
      }
    }
  }
}

package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code repetition-penalty=R}: makes tokens that were there before less likely (Keskar, McCann,
 * Varshney, Xiong, Socher: "CTRL", 2019). Works on raw logits: a positive score is divided by R, a
 * negative one multiplied, once however often the token was there. R is greater than 0; 1 changes
 * nothing, below 1 repetition is encouraged.
 *
 * <p>{@code repetition-penalty(value=R,window=N,prompt=false)} looks at the last N tokens only (all
 * unless given), and not at those of the prompt (at them too unless given).
 */
public final class RepetitionPenalty implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to give this stage to a registry by hand. */
  public RepetitionPenalty() {}

  @Override
  public String name() {
    return "repetition-penalty";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.real("value", Range.greaterThan(0)), Occurrences.Window.of(options, true));
  }

  static SamplerStage stage(double penalty, Occurrences.Window window) {
    return SamplerStage.named(
        "repetition-penalty",
        SamplerStage.processor(binding -> new Scaled((float) penalty, window)));
  }

  /** Looks at the prompt alone. */
  static SamplerStage ofPrompt(double penalty) {
    return stage(penalty, Occurrences.Window.PROMPT);
  }

  private static final class Scaled implements LogitsProcessor {
    private final float penalty;
    private final Occurrences occurrences;

    Scaled(float penalty, Occurrences.Window window) {
      this.penalty = penalty;
      this.occurrences = new Occurrences(window);
    }

    @Override
    public void process(Step step) {
      if (penalty == 1) {
        return;
      }
      Logits logits = step.logits();
      occurrences.of(step);
      for (int i = 0; i < occurrences.size(); i++) {
        int index = logits.indexOf(occurrences.token(i));
        if (index >= 0) {
          float score = logits.score(index);
          logits.setScore(index, score < 0 ? score * penalty : score / penalty);
        }
      }
    }
  }
}

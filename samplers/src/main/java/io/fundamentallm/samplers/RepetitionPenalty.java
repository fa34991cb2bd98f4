package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code repetition-penalty=R}: makes tokens that appeared before less likely (Keskar, McCann,
 * Varshney, Xiong, Socher: "CTRL", 2019). Works on raw logits: a positive score is divided by R, a
 * negative one multiplied by it, once, however often the token appeared. R is greater than 0; 1
 * changes nothing, and an R below 1 encourages repetition.
 *
 * <p>{@code repetition-penalty(value=R,window=N,prompt=false)} looks only at the last N tokens
 * (default: all), and not at those of the prompt (default: at them too).
 */
public final class RepetitionPenalty implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
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

package io.fundamentallm.samplers;

import io.fundamentallm.Logits;
import io.fundamentallm.LogitsProcessor;
import io.fundamentallm.Step;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code frequency-penalty=F}: lowers the score of a token by F for each time it was there
 * (OpenAI's API reference; llama.cpp and vLLM have the same rule). F is any number; below 0
 * repetition is encouraged.
 *
 * <p>{@code frequency-penalty(value=F,window=N,prompt=true)} looks at the last N tokens only (all
 * unless given), and at those of the prompt too (only at generated ones unless given).
 */
public final class FrequencyPenalty implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to give this stage to a registry by hand. */
  public FrequencyPenalty() {}

  @Override
  public String name() {
    return "frequency-penalty";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.real("value", ANY), Occurrences.Window.of(options, false));
  }

  static SamplerStage stage(double penalty, Occurrences.Window window) {
    return SamplerStage.named(
        "frequency-penalty",
        SamplerStage.processor(binding -> new Lowered((float) penalty, window)));
  }

  private static final Range ANY =
      new Range(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false);

  private static final class Lowered implements LogitsProcessor {
    private final float penalty;
    private final Occurrences occurrences;

    Lowered(float penalty, Occurrences.Window window) {
      this.penalty = penalty;
      this.occurrences = new Occurrences(window);
    }

    @Override
    public void process(Step step) {
      Logits logits = step.logits();
      occurrences.of(step);
      for (int i = 0; i < occurrences.size(); i++) {
        int index = logits.indexOf(occurrences.token(i));
        if (index >= 0) {
          logits.score(index, logits.score(index) - penalty * occurrences.count(i));
        }
      }
    }
  }
}

package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import java.util.Arrays;

/**
 * {@code eos-prioritizer=P}: ends the text as soon as an end token is likely: once one has a
 * probability above P, only end tokens stay (Bark's {@code min_eos_p}, in Hugging Face transformers
 * BarkEosPrioritizerLogitsProcessor). P is in {@code [0, 1]}; with 1 nothing ever changes.
 *
 * <p>The end tokens are the model's, or those of the option {@code tokens} in the notation of this
 * package.
 */
public final class EosPrioritizer implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public EosPrioritizer() {}

  @Override
  public String name() {
    return "eos-prioritizer";
  }

  @Override
  public SamplerStage create(Options options) {
    double p = options.real("value", Range.closed(0, 1));
    EndTokens ends = EndTokens.of(options);
    return SamplerStage.processor(
        binding -> {
          int[] tokens = ends.of(binding);
          int[] indices = new int[tokens.length];
          Softmax softmax = new Softmax();
          return step -> {
            Logits logits = step.logits();
            softmax.of(logits);
            boolean likely = false;
            int found = 0;
            for (int token : tokens) {
              int index = logits.indexOf(token);
              if (index >= 0 && softmax.weight(index) > 0) {
                likely |= softmax.weight(index) / softmax.total() > p;
                indices[found++] = index;
              }
            }
            if (likely) {
              Arrays.sort(indices, 0, found);
              logits.retain(indices, found);
            }
          };
        });
  }
}

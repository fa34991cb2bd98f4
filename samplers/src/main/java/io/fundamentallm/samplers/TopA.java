package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code top-a=A}: keeps the tokens whose probability is at least A times the square of the best
 * one's (BlinkDL's RWKV-LM; text-generation-webui). A is at least 0, which keeps all; the best
 * token always stays. A probability that falls short of the threshold by a share of 1e-6 or less
 * still reaches it.
 */
public final class TopA implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TopA() {}

  @Override
  public String name() {
    return "top-a";
  }

  @Override
  public SamplerStage create(Options options) {
    double a = options.real("value", Range.atLeast(0));
    if (a == 0) {
      return SamplerStage.chain(java.util.List.of());
    }
    return SamplerStage.processor(
        binding -> {
          Softmax softmax = new Softmax();
          ThresholdFilter floor = new ThresholdFilter(1, false);
          return step -> {
            Logits logits = step.logits();
            softmax.of(logits);
            double best = 1 / softmax.total();
            floor.keep(logits, softmax.scoreOf(a * best * best));
          };
        });
  }
}

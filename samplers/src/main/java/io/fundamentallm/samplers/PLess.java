package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Softmax;
import io.fundamentallm.samplers.filter.ThresholdFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code p-less}: keeps the tokens whose probability is at least the sum of the squares of all, the
 * chance that two draws agree (Tan, Yeo, Zhao, Lee: "p-less sampling: a robust hyperparameter-free
 * approach for LLM decoding", 2025; llama.cpp). It has nothing to set. {@code p-less(norm=true)}
 * takes from the sum what the other tokens would have at random, (V S - 1) / (V - 1) for V
 * candidates with a sum of S, and so keeps more.
 *
 * <p>The best token always stays. A probability that falls short of the threshold by a share of
 * 1e-6 or less still reaches it.
 */
public final class PLess implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public PLess() {}

  @Override
  public String name() {
    return "p-less";
  }

  @Override
  public SamplerStage create(Options options) {
    boolean norm = options.flag("norm", false);
    return SamplerStage.processor(
        binding -> {
          Softmax softmax = new Softmax();
          ThresholdFilter floor = new ThresholdFilter(1, false);
          return step -> {
            Logits logits = step.logits();
            softmax.of(logits);
            int count = logits.count();
            double squares = 0;
            for (int i = 0; i < count; i++) {
              double p = softmax.weight(i) / softmax.total();
              squares += p * p;
            }
            double threshold = norm && count > 1 ? (count * squares - 1) / (count - 1.0) : squares;
            if (threshold > 0) { // 0 if all are equal
              floor.keep(logits, softmax.scoreOf(threshold));
            }
          };
        });
  }
}

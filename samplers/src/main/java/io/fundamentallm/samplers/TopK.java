package io.fundamentallm.samplers;

import io.fundamentallm.samplers.filter.TopKFilter;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code top-k=K}: keeps the K best tokens (Fan, Lewis, Dauphin: "Hierarchical neural story
 * generation", ACL 2018). Exactly K are left, or all if there are no more; if several tokens share
 * the K-th best score, those with the lowest ids stay. K is at least 1.
 *
 * <p>{@code top-k(value=K,keep-ties=true)} keeps all that share the K-th best score, as Hugging
 * Face transformers and vLLM do.
 */
public final class TopK implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public TopK() {}

  @Override
  public String name() {
    return "top-k";
  }

  @Override
  public SamplerStage create(Options options) {
    return stage(options.integer("value", 1, Integer.MAX_VALUE), options.flag("keep-ties", false));
  }

  static SamplerStage stage(int k, boolean keepTies) {
    return SamplerStage.named(
        "top-k",
        SamplerStage.processor(
            binding -> {
              TopKFilter best = new TopKFilter();
              return step -> best.keep(step.logits(), k, keepTies);
            }));
  }
}

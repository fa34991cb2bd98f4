package io.fundamentallm.spi;

import io.fundamentallm.Binding;
import io.fundamentallm.LogitsProcessor;
import io.fundamentallm.Sampler;
import java.util.function.Function;

/**
 * What a name in a sampler spec stands for: something that rewrites scores, or the last choice. A
 * stage is a recipe: it is bound once for each generation, so its functions must be thread-safe
 * while what they return need not be.
 */
public sealed interface SamplerStage {
  /** Rewrites scores; any number of these stand in a chain. */
  static SamplerStage processor(Function<Binding, LogitsProcessor> bind) {
    return new Processing(bind);
  }

  /** Chooses the token; stands last in a chain. Without one the chain ends in a plain draw. */
  static SamplerStage choice(Function<Binding, Sampler> bind) {
    return new Choosing(bind);
  }

  /**
   * See {@link #processor}.
   *
   * @param bind makes the stage's state for one generation
   */
  record Processing(Function<Binding, LogitsProcessor> bind) implements SamplerStage {}

  /**
   * See {@link #choice}.
   *
   * @param bind makes the stage's state for one generation
   */
  record Choosing(Function<Binding, Sampler> bind) implements SamplerStage {}
}

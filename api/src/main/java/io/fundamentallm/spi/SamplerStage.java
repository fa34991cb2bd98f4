package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.TokenConstraint;
import java.util.List;
import java.util.function.Function;

/**
 * What a name in a sampler spec stands for: something that rewrites scores, or the last choice. A
 * stage is a recipe: it is bound once for each generation, so its functions must be thread-safe but
 * what they return need not be.
 */
public sealed interface SamplerStage {
  /** Rewrites scores; a chain may have any number of these. */
  static SamplerStage processor(Function<Binding, LogitsProcessor> bind) {
    return new Processing(requireNonNull(bind, "bind"));
  }

  /** Lets through only tokens that a constraint allows; see {@link TokenConstraint}. */
  static SamplerStage constraint(Function<Binding, TokenConstraint> bind) {
    return new Constraining(requireNonNull(bind, "bind"));
  }

  /**
   * Several stages under one name, such as the order that another system runs them in. A choice
   * among them comes last.
   */
  static SamplerStage chain(List<SamplerStage> stages) {
    return new Chain(List.copyOf(stages));
  }

  /** The same stage under its own name, for {@link io.fundamentallm.decoding.SamplingTrace}. */
  static SamplerStage named(String name, SamplerStage stage) {
    return new Named(requireNonNull(name, "name"), requireNonNull(stage, "stage"));
  }

  /** Chooses the token; comes last in a chain. Without one the chain ends in a plain draw. */
  static SamplerStage choice(Function<Binding, Sampler> bind) {
    return new Choosing(requireNonNull(bind, "bind"));
  }

  /**
   * See {@link #processor}.
   *
   * @param bind makes the stage's state for one generation
   */
  record Processing(Function<Binding, LogitsProcessor> bind) implements SamplerStage {}

  /**
   * See {@link #constraint}.
   *
   * @param bind makes the constraint of one generation
   */
  record Constraining(Function<Binding, TokenConstraint> bind) implements SamplerStage {}

  /**
   * See {@link #chain}.
   *
   * @param stages in the order they run
   */
  record Chain(List<SamplerStage> stages) implements SamplerStage {}

  /**
   * See {@link #named}.
   *
   * @param name what traces call it
   * @param stage what it does
   */
  record Named(String name, SamplerStage stage) implements SamplerStage {}

  /**
   * See {@link #choice}.
   *
   * @param bind makes the stage's state for one generation
   */
  record Choosing(Function<Binding, Sampler> bind) implements SamplerStage {}
}

package io.fundamentallm.samplers.constraint;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerStage;
import java.util.function.Supplier;

/** Errors of compilers, with the name of the stage they concern. */
final class Refusals {
  private Refusals() {}

  static SamplerStage named(Options options, Supplier<SamplerStage> compiler) {
    try {
      return compiler.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("stage \"" + options.stage() + "\": " + e.getMessage(), e);
    }
  }
}

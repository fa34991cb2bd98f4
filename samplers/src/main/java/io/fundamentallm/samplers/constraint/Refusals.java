package io.fundamentallm.samplers.constraint;

import io.fundamentallm.spi.Options;
import java.util.function.Supplier;

/** Errors of compilers, with the name of the stage they concern. */
final class Refusals {
  private Refusals() {}

  static <T> T named(Options options, Supplier<T> compiler) {
    try {
      return compiler.get();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("stage \"" + options.stage() + "\": " + e.getMessage(), e);
    }
  }
}

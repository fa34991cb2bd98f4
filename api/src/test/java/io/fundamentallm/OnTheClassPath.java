package io.fundamentallm;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/** A provider that the tests' META-INF/services names. */
public final class OnTheClassPath implements SamplerProvider {
  @Override
  public String name() {
    return "on-the-class-path";
  }

  @Override
  public SamplerStage create(Options options) {
    return SamplerStage.processor(binding -> step -> {});
  }
}

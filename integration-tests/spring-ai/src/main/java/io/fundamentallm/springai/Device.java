package io.fundamentallm.springai;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.Registry;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.file.Path;

/**
 * The runtime that the property {@code fundamentallm.device} names. It stands before all others, so
 * that a generator is loaded with the publisher's settings and yet by this runtime.
 */
record Device(String spec, Registry runtimes) implements LanguageModelProvider {
  @Override
  public String name() {
    return "fundamentallm.device";
  }

  @Override
  public int priority() {
    return Integer.MAX_VALUE;
  }

  @Override
  public Support supports(Path directory) {
    return Support.yes("it is what the application's properties name");
  }

  @Override
  public LanguageModel load(Path directory, Options options) throws IOException {
    try {
      return LanguageModels.load(directory, spec, runtimes);
    } catch (IllegalArgumentException | ProviderException e) {
      throw ConfiguredGenerator.invalid("device", spec, e.getMessage(), e);
    }
  }
}

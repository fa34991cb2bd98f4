package com.example.tenant;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;

/**
 * An application that continues a text, in a container with others. The container knows it by types
 * of the JDK alone: each call gives a text, and its {@code toString} tells what parts it found.
 */
public final class Tenant implements Callable<String>, AutoCloseable {
  private final Registry registry;
  private final TextGenerator generator;

  /**
   * Loads its model.
   *
   * @param model the directory
   * @param parts the loaders to look for parts in; where there are none, the library looks itself
   */
  public Tenant(Path model, List<ClassLoader> parts) throws IOException {
    registry =
        parts.isEmpty() ? Registry.standard() : Registry.of(parts.toArray(ClassLoader[]::new));
    generator =
        TextGenerator.of(
                Tokenizers.load(model, registry), LanguageModels.shared(model, registry), registry)
            .withSeed(7)
            .withMaxNewTokens(60);
  }

  @Override
  public String call() {
    return generator.generate("It is a ");
  }

  @Override
  public String toString() {
    return registry.explain();
  }

  @Override
  public void close() {
    generator.close();
  }
}

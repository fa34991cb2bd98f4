package com.example.quarkus;

import io.fundamentallm.TextGenerator;
import jakarta.enterprise.inject.Disposes;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** The model of {@code fundamentallm.model}, for as long as the application runs. */
public final class Models {
  @Produces
  @Singleton
  TextGenerator generator(@ConfigProperty(name = "fundamentallm.model") Path directory)
      throws IOException {
    return TextGenerator.load(directory);
  }

  void close(@Disposes TextGenerator generator) {
    generator.close();
  }
}

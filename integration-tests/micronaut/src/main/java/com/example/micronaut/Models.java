package com.example.micronaut;

import io.fundamentallm.TextGenerator;
import io.micronaut.context.annotation.Bean;
import io.micronaut.context.annotation.Factory;
import io.micronaut.context.annotation.Value;
import jakarta.inject.Singleton;
import java.io.IOException;
import java.nio.file.Path;

/** The model of the directory {@code fundamentallm.model}, for as long as the application runs. */
@Factory
final class Models {
  @Singleton
  @Bean(preDestroy = "close")
  TextGenerator generator(@Value("${fundamentallm.model}") String directory) throws IOException {
    return TextGenerator.load(Path.of(directory));
  }
}

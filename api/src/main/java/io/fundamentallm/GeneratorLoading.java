package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;

/**
 * Loads a generator from a model directory: the tokenizer beside the model, then the publisher's
 * defaults. What fails leaves no model open and no thread that still reads.
 */
final class GeneratorLoading {
  private GeneratorLoading() {}

  /** Loads a model, with a runtime of its choice. */
  interface ModelLoader {
    LanguageModel load() throws IOException;
  }

  static TextGenerator load(Path directory, Registry registry, ModelLoader loader)
      throws IOException {
    requireNonNull(directory, "directory");
    GenerationConfig published = GenerationConfig.read(directory).orElse(null);
    LoadingTokenizer tokenizer =
        LoadingTokenizer.begin(
            Tokenizers.find(
                directory,
                registry,
                LanguageModels.NO_MODEL,
                place -> LanguageModels.supports(place, registry)));
    LanguageModel model;
    try {
      model = loader.load();
    } catch (Throwable e) { // other languages' code throws checked exceptions undeclared
      try {
        tokenizer.get(); // nothing goes on once this has thrown; its own failure comes first
      } catch (Throwable first) {
        if (first != e) { // the JVM has few errors of no memory, and throws them again
          first.addSuppressed(e);
        }
        throw first;
      }
      throw e;
    }
    try {
      TextGenerator generator = TextGenerator.of(tokenizer.get(), model, registry);
      return published == null ? generator : published.applyTo(generator, directory);
    } catch (Throwable e) {
      model.close();
      throw e;
    }
  }
}

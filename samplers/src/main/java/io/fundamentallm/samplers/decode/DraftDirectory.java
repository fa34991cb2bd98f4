package io.fundamentallm.samplers.decode;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.ref.Cleaner;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The directory of a draft model. Loaded for the first generation, shared with all others in this
 * JVM, and released once nothing refers to the decoder any more. Thread-safe.
 */
final class DraftDirectory {
  private final Path directory;
  private @Nullable LanguageModel model;

  DraftDirectory(Path directory) {
    this.directory = directory;
  }

  /**
   * The model, which this keeps.
   *
   * @throws UncheckedIOException if it cannot be read
   */
  synchronized LanguageModel load() {
    LanguageModel loaded = model;
    if (loaded == null) {
      try {
        loaded = LanguageModels.shared(directory);
      } catch (IOException e) {
        throw new UncheckedIOException(
            "the draft model in " + directory + ": " + e.getMessage(), e);
      }
      LanguageModel closed = loaded;
      Shared.CLEANER.register(this, closed::close);
      model = loaded;
    }
    return loaded;
  }

  /** One for all; its thread starts with the first. */
  private static final class Shared {
    static final Cleaner CLEANER = Cleaner.create();
  }
}

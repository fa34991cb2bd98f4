package io.fundamentallm.spi;

import io.fundamentallm.model.LanguageModel;
import java.io.IOException;
import java.nio.file.Path;

/** Provides one runtime: something that computes logits from the weights in a model directory. */
public interface LanguageModelProvider extends Provider {
  /**
   * Whether {@link #load} can run this model. Looks only at names and headers, and throws nothing.
   */
  Support supports(Path directory);

  /**
   * Loads the weights.
   *
   * @throws IOException when a file is missing, unreadable or malformed; names file and byte offset
   */
  LanguageModel load(Path directory, Options options) throws IOException;
}

package io.fundamentallm.spi;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.LoadingListener;
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

  /**
   * Loads the weights and reports progress. By default nothing is reported, as in a runtime whose
   * weights others read.
   *
   * @throws IOException as {@link #load(Path, Options)}
   */
  default LanguageModel load(Path directory, Options options, LoadingListener listener)
      throws IOException {
    return load(directory, options);
  }
}

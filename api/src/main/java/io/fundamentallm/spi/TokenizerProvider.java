package io.fundamentallm.spi;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Path;

/** Provides one kind of tokenizer. */
public interface TokenizerProvider extends Provider {
  /**
   * Whether {@link #load} can read the tokenizer files in this place. Looks only at names and first
   * bytes, and throws nothing.
   *
   * @param path a model directory, or a tokenizer file
   */
  Support supports(Path path);

  /**
   * Reads a tokenizer.
   *
   * @param path what {@link #supports} was asked about
   * @throws IOException when a file is missing, unreadable or malformed; names file and place
   */
  Tokenizer load(Path path, Options options) throws IOException;

  /**
   * Builds a tokenizer for the given texts, for example by collecting their characters.
   *
   * @param texts documents; may be iterated more than once
   * @throws UnsupportedOperationException if this kind of tokenizer cannot be learned
   */
  default Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    throw new UnsupportedOperationException(
        "tokenizer \"" + name() + "\" can be loaded but not learned from text");
  }

  /**
   * As {@link #learn(Iterable, Options)}, for a caller that may cancel and that listens. Kinds
   * whose learning takes time override this; otherwise a cancellation takes effect only before
   * learning begins.
   *
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  default Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    learning.throwIfCancelled();
    return learn(texts, options);
  }
}

package io.fundamentallm;

import io.fundamentallm.internal.files.Uninterrupted;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;

/**
 * A tokenizer that a thread of its own loads while the caller loads the model. Providers of others
 * load on the caller's thread: they may need a lock that it holds, or a class that it initialises.
 */
final class LoadingTokenizer {
  private static final String OWN = "io.fundamentallm.";

  private final Uninterrupted.Reading<Tokenizer> loading;

  private LoadingTokenizer(Uninterrupted.Reading<Tokenizer> loading) {
    this.loading = loading;
  }

  /**
   * Begins to load. The thread has the caller's context class loader, as providers may expect.
   *
   * @throws IOException as {@link #get} does, if it loads on the caller's thread
   */
  static LoadingTokenizer begin(Tokenizers.Found found) throws IOException {
    if (!found.provider().getClass().getName().startsWith(OWN)) {
      Tokenizer loaded = load(found); // before a model is loaded in vain
      return new LoadingTokenizer(() -> loaded);
    }
    return new LoadingTokenizer(Uninterrupted.begin("fundamentallm-tokenizer", () -> load(found)));
  }

  /**
   * Waits for the tokenizer, also where the caller is interrupted meanwhile.
   *
   * @throws IOException as loading threw it; so with unchecked exceptions and errors
   * @throws IllegalStateException for other checked exceptions, which Kotlin and Scala throw
   *     undeclared
   */
  Tokenizer get() throws IOException {
    return loading.read();
  }

  private static Tokenizer load(Tokenizers.Found found) throws IOException {
    try {
      return found.load().call();
    } catch (IOException | RuntimeException | Error e) {
      throw e;
    } catch (Throwable e) {
      throw new IllegalStateException("the tokenizer cannot be loaded: " + e, e);
    }
  }
}

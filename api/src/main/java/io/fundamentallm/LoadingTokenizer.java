package io.fundamentallm;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/**
 * A tokenizer that a thread of its own loads while the caller loads the model. Providers of others
 * load on the caller's thread: they may need a lock that it holds, or a class that it initialises.
 */
final class LoadingTokenizer {
  private static final String OWN = "io.fundamentallm.";

  private final FutureTask<Tokenizer> task;

  private LoadingTokenizer(FutureTask<Tokenizer> task) {
    this.task = task;
  }

  /**
   * Begins to load. The thread has the caller's context class loader, as providers may expect.
   *
   * @throws IOException as {@link #get} does, if it loads on the caller's thread
   */
  static LoadingTokenizer begin(Tokenizers.Found found) throws IOException {
    FutureTask<Tokenizer> task = new FutureTask<>(found.load()::call);
    if (!found.provider().getClass().getName().startsWith(OWN)) {
      task.run();
      LoadingTokenizer loaded = new LoadingTokenizer(task);
      loaded.get(); // before a model is loaded in vain
      return loaded;
    }
    Thread thread = new Thread(task, "fundamentallm-tokenizer");
    thread.setDaemon(true);
    thread.start();
    return new LoadingTokenizer(task);
  }

  /**
   * Waits for the tokenizer, also where the caller is interrupted meanwhile.
   *
   * @throws IOException as loading threw it; so with unchecked exceptions and errors
   * @throws IllegalStateException for other checked exceptions, which Kotlin and Scala throw
   *     undeclared
   */
  Tokenizer get() throws IOException {
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        } catch (ExecutionException e) {
          throw failure(e.getCause());
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static IOException failure(@Nullable Throwable cause) {
    if (cause instanceof RuntimeException unchecked) {
      throw unchecked;
    }
    if (cause instanceof Error error) {
      throw error;
    }
    if (cause instanceof IOException io) {
      return io;
    }
    throw new IllegalStateException("the tokenizer cannot be loaded: " + cause, cause);
  }
}

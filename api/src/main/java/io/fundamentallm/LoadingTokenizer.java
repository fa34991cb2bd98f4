package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;

/** A tokenizer that a thread of its own loads while the caller loads the model. */
final class LoadingTokenizer {
  private final FutureTask<Tokenizer> task;

  private LoadingTokenizer(FutureTask<Tokenizer> task) {
    this.task = task;
  }

  /** Begins to load. The thread has the caller's context class loader, as providers may expect. */
  static LoadingTokenizer begin(Registry.Call<Tokenizer, IOException> load) {
    FutureTask<Tokenizer> task = new FutureTask<>(load::call);
    Thread thread = new Thread(task, "fundamentallm-tokenizer");
    thread.setDaemon(true);
    thread.start();
    return new LoadingTokenizer(task);
  }

  /**
   * Waits for the tokenizer, also where the caller is interrupted meanwhile.
   *
   * @throws IOException as loading threw it; so with unchecked exceptions and errors
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
    return (IOException) requireNonNull(cause);
  }
}

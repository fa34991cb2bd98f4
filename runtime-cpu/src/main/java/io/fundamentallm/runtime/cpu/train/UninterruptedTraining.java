package io.fundamentallm.runtime.cpu.train;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * Access to files that an interrupt of the thread does not end. It closes each channel that is in
 * use and each that is used after it, but a training stops for its cancellation alone, and leaves a
 * checkpoint even where the interrupt is the cancellation. So what an interrupt broke off begins
 * anew, and the thread's flag is set again when it is done.
 */
final class UninterruptedTraining {
  private UninterruptedTraining() {}

  /** Reads or writes; what broke off anywhere may begin anew. */
  @FunctionalInterface
  interface Access<T> {
    T run() throws IOException;
  }

  /** Access without a result. */
  @FunctionalInterface
  interface Action {
    void run() throws IOException;
  }

  static void run(Action action) throws IOException {
    get(
        () -> {
          action.run();
          return true;
        });
  }

  static <T> T get(Access<T> access) throws IOException {
    boolean interrupted = Thread.interrupted();
    try {
      while (true) {
        try {
          return access.run();
        } catch (IOException | UncheckedIOException e) {
          if (!Thread.interrupted()) {
            throw e;
          }
          interrupted = true;
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }
}

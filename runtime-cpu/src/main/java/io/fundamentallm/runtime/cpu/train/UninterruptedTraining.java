package io.fundamentallm.runtime.cpu.train;

import java.io.IOException;
import java.io.UncheckedIOException;

/**
 * File access that an interrupt of the thread does not end. An interrupt closes each channel that
 * is in use and each that is used later. But a training stops only when it is cancelled, and leaves
 * a checkpoint even if the interrupt is the cancellation. So interrupted access starts over, and
 * the thread's flag is set again when it is done.
 */
final class UninterruptedTraining {
  private UninterruptedTraining() {}

  /** Reads or writes; may start over after an interrupt anywhere. */
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

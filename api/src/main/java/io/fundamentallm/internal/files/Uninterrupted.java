package io.fundamentallm.internal.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Reads files while the caller's thread is interrupted, before or meanwhile. An interrupt closes
 * the file channel that a thread reads or maps with; so that is done by a thread that nobody
 * interrupts. Nothing stops by an interrupt, and the caller's flag stays set.
 */
public final class Uninterrupted {
  private Uninterrupted() {}

  /** Something that reads. */
  @FunctionalInterface
  public interface Reading<T> {
    /** Reads. */
    T read() throws IOException;
  }

  /**
   * What a reading gives, or throws, once it is over.
   *
   * @throws IOException as the reading throws it
   */
  public static <T> T read(Reading<T> reading) throws IOException {
    FutureTask<T> task = new FutureTask<>(reading::read);
    Thread reader = new Thread(task, "fundamentallm-reader");
    reader.setDaemon(true);
    reader.start();
    boolean interrupted = false;
    try {
      while (true) {
        try {
          return task.get();
        } catch (InterruptedException e) {
          interrupted = true;
        }
      }
    } catch (ExecutionException e) {
      throw thrown(requireNonNull(e.getCause(), "cause"));
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  private static RuntimeException thrown(Throwable failure) throws IOException {
    if (failure instanceof IOException io) {
      throw io;
    } else if (failure instanceof Error error) {
      throw error;
    }
    throw (RuntimeException) failure;
  }
}

package io.fundamentallm.internal.files;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * Reads files even if the caller's thread is interrupted, before or during the reading. An
 * interrupt closes the file channel that a thread reads or maps with, so another thread that is
 * never interrupted does the reading. An interrupt stops nothing, and the caller's flag stays set.
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
   * What a reading returns or throws.
   *
   * @throws IOException if the reading throws it
   */
  public static <T> T read(Reading<T> reading) throws IOException {
    return begin("fundamentallm-reader", reading).read();
  }

  /**
   * Begins a reading, in a daemon thread that has the caller's context class loader.
   *
   * @param thread its name
   * @return waits for what the reading returns or throws, as often as it is asked
   */
  public static <T> Reading<T> begin(String thread, Reading<T> reading) {
    FutureTask<T> task = new FutureTask<>(reading::read);
    Thread reader = new Thread(task, thread);
    reader.setDaemon(true);
    reader.start();
    return () -> result(task);
  }

  private static <T> T result(FutureTask<T> task) throws IOException {
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

package io.fundamentallm.commandline;

import io.fundamentallm.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Ctrl-C, and the signal that asks a process to end: cancels the work under way, and lets the
 * process go when that has ended, so that it can write what it has. The JVM gives the exit code.
 */
final class Interruption implements Cancellation, AutoCloseable {
  /** A checkpoint of gigabytes takes a while on a slow disk. */
  private static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "interruption");
  private volatile boolean cancelled;

  private Interruption() {}

  /** Watches until it is closed. */
  static Interruption watch() {
    Interruption interruption = new Interruption();
    Runtime.getRuntime().addShutdownHook(interruption.hook);
    return interruption;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  private void stop() {
    cancelled = true;
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return; // the files are whole at any moment; only the last steps are lost
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    ended.countDown();
    if (!cancelled) {
      try {
        Runtime.getRuntime().removeShutdownHook(hook);
      } catch (IllegalStateException e) {
        // the signal came this very moment; the hook finds that all has ended
      }
    }
  }
}

package io.fundamentallm.commandline;

import io.fundamentallm.model.Cancellation;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * Ctrl-C, and the signals that ask the process to end; one for the whole program. Work under way is
 * cancelled, and the process exits when the program has ended, so that it can save and report what
 * it has. Without such work it exits at once. The JVM gives the exit status, that of the signal.
 */
final class Interruption implements Cancellation, AutoCloseable {
  /** A checkpoint of gigabytes takes a while on a slow disk. */
  private static final long PATIENCE_SECONDS = 120;

  private final CountDownLatch ended = new CountDownLatch(1);
  private final Thread hook = new Thread(this::stop, "interruption");
  private volatile boolean working;
  private volatile boolean cancelled;

  private Interruption() {}

  /** Watches until the program exits. */
  static Interruption watch() {
    Interruption interruption = new Interruption();
    try {
      Runtime.getRuntime().addShutdownHook(interruption.hook);
    } catch (IllegalStateException e) {
      interruption.cancelled = true; // the signal came before
    }
    return interruption;
  }

  /** Begins work that ends soon after it is cancelled; closing reports that it has ended. */
  Interruption work() {
    working = true;
    return this;
  }

  @Override
  public boolean isCancelled() {
    return cancelled;
  }

  @Override
  public void close() {
    working = false;
  }

  /** Both threads first write and then read: at least one of them sees the other. */
  private void stop() {
    cancelled = true;
    if (!working) {
      return;
    }
    try {
      if (!ended.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
        return; // the files are whole at all times; only the last steps are lost
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  /**
   * Ends the process, with a status unless a signal ends it: then this waits for the signal. On JDK
   * 17 an exit with a status other than 0, requested after the hooks have run and before the JVM
   * halts, would replace the status of the signal.
   */
  void exit(int status) {
    ended.countDown();
    while (signalled()) {
      LockSupport.park(this);
    }
    System.exit(status);
  }

  private boolean signalled() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
      return false;
    } catch (IllegalStateException e) {
      return true; // hooks cannot be removed once they run
    }
  }
}

package io.fundamentallm.runtime.gpu.ort;

import ai.onnxruntime.OrtException;
import ai.onnxruntime.OrtSession.RunOptions;
import io.fundamentallm.model.Cancellation;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;

/**
 * Ends a run early when its caller cancels. The calling thread is inside ONNX Runtime then, so
 * another thread polls the cancellation.
 */
public final class RunInterruption implements AutoCloseable {
  /** Small compared with the 20 ms that ONNX Runtime itself takes to end a run. */
  private static final int MILLISECONDS = 5;

  private final RunOptions options;
  private final Future<?> asking;
  private boolean closed;

  /** Takes ownership of the options. */
  public RunInterruption(
      ScheduledThreadPoolExecutor clock, Cancellation cancellation, RunOptions options) {
    this.options = options;
    asking =
        clock.scheduleWithFixedDelay(
            () -> {
              if (isCancelled(cancellation)) {
                terminate();
              }
            },
            MILLISECONDS,
            MILLISECONDS,
            TimeUnit.MILLISECONDS);
  }

  /** A cancellation that throws is polled again; otherwise the run could no longer be cancelled. */
  private static boolean isCancelled(Cancellation cancellation) {
    try {
      return cancellation.isCancelled();
    } catch (Throwable e) {
      return false; // else the clock would not ask again
    }
  }

  /** One daemon thread for all runs of a model, started by the first. */
  public static ScheduledThreadPoolExecutor clock() {
    ScheduledThreadPoolExecutor clock =
        new ScheduledThreadPoolExecutor(
            1,
            task -> {
              Thread thread = new Thread(task, "fundamentallm-onnx-cancellation");
              thread.setDaemon(true);
              return thread;
            });
    clock.setRemoveOnCancelPolicy(true);
    return clock;
  }

  public RunOptions options() {
    return options;
  }

  private synchronized void terminate() {
    if (closed) {
      return;
    }
    try {
      options.setTerminate(true);
    } catch (OrtException e) {
      throw new IllegalStateException("ONNX Runtime cannot end a run", e);
    }
  }

  /** Frees the options, which must not happen while the other thread uses them. */
  @Override
  public synchronized void close() {
    closed = true;
    asking.cancel(false);
    options.close();
  }
}

package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * Writes several texts at a time, in the calling thread and others that end with the call. The
 * outcome is the same as one text after another: if some fail, the failure of the first of them is
 * thrown, those before it are finished, and those after it are given up.
 */
public final class PromptThreads {
  /**
   * The most at a time. CompareBatching measures 3.8 to 5.5 times the tokens per second of one.
   * Each holds a session's keys and values, so more of them also take more memory.
   */
  public static final int MAX = 16;

  /** Writes one text. */
  public interface Writing {
    String write(int index, Cancellation cancellation);
  }

  private final String[] texts;
  private final Cancellation callers;
  private final Writing writing;
  private final AtomicInteger next = new AtomicInteger();
  private volatile int failed = Integer.MAX_VALUE;
  private volatile boolean cancelled;
  private @Nullable Throwable failure;

  public PromptThreads(int count, Cancellation callers, Writing writing) {
    texts = new String[count];
    this.callers = callers;
    this.writing = writing;
  }

  public List<String> run(int max) {
    List<Thread> threads = new ArrayList<>();
    try {
      for (int i = 1; i < Math.min(max, texts.length); i++) {
        Thread thread = new Thread(this::work, "fundamentallm-generate-" + i);
        thread.setDaemon(true);
        thread.start();
        threads.add(thread);
      }
      work();
    } catch (RuntimeException | Error e) {
      fail(-1, e); // no more threads could be started
    } finally {
      join(threads);
    }
    throwFailure();
    return List.of(texts);
  }

  private void work() {
    for (int i = next.getAndIncrement(); i < texts.length; i = next.getAndIncrement()) {
      int index = i;
      if (index > failed) {
        return;
      }
      try {
        texts[index] = writing.write(index, () -> isCancelled() || index > failed);
      } catch (RuntimeException | Error e) {
        fail(index, e);
      }
    }
  }

  /**
   * Whether the caller ever asked to stop, for all texts alike: the caller's cancellation may be
   * its interrupt flag, which its thread clears while it waits for a pass that another one leads.
   */
  private boolean isCancelled() {
    if (!cancelled && callers.isCancelled()) {
      cancelled = true;
    }
    return cancelled;
  }

  private synchronized void fail(int index, Throwable reason) {
    if (index < failed) {
      failure = reason;
      failed = index;
    }
  }

  /**
   * Waits until all have ended; an interrupt is kept for the caller, whose cancellation it may be.
   */
  private void join(List<Thread> threads) {
    boolean interrupted = false;
    for (int i = 0; i < threads.size(); ) {
      try {
        threads.get(i).join();
        i++;
      } catch (InterruptedException e) {
        interrupted = true;
        Thread.currentThread().interrupt(); // a cancellation may look at the flag
        askCallers();
        interrupted |= Thread.interrupted(); // otherwise join would no longer wait
      }
    }
    if (interrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** A cancellation that throws ends all; the call still waits for its threads. */
  private void askCallers() {
    try {
      isCancelled();
    } catch (RuntimeException | Error e) {
      cancelled = true;
      fail(-1, e);
    }
  }

  private synchronized void throwFailure() {
    if (failure instanceof Error error) {
      throw error;
    }
    if (failure != null) {
      throw (RuntimeException) failure;
    }
  }
}

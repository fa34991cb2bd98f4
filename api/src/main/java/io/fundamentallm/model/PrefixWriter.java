package io.fundamentallm.model;

import io.fundamentallm.model.SettlingPrefixes.Waiting;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a {@link PrefixCache} holds to its files, on a thread of its own that begins with the
 * first beginning and ends when all is written and nothing more comes. Whatever fails, it goes on:
 * each beginning is written, or counts as a failure. Thread-safe.
 */
final class PrefixWriter {
  /** How long the thread waits for more before it ends. */
  private static final long IDLE_MILLIS = 10_000;

  private static final String INTERRUPTED = "the thread that closes the cache was interrupted";

  private final PrefixCache cache;
  private final PrefixFiles files;

  // guarded by this
  private final SettlingPrefixes all = new SettlingPrefixes();
  private @Nullable Thread thread;
  private boolean finishing;

  PrefixWriter(PrefixCache cache, PrefixFiles files) {
    this.cache = cache;
    this.files = files;
  }

  /** Writes what the cache then holds of these tokens, if that is all of them. */
  synchronized void add(LanguageModel model, int[] tokens) {
    if (finishing || !model.info().capabilities().contains(Capability.SAVE)) {
      return;
    }
    await(model, tokens);
    if (thread == null) {
      Thread anew = new Thread(this::run, "fundamentallm-prefixes");
      anew.setDaemon(true);
      anew.start(); // may fail, and the next call then tries again
      thread = anew;
    }
    notifyAll();
  }

  private synchronized void await(LanguageModel model, int[] tokens) {
    Waiting oldest = all.add(model, tokens, System.nanoTime());
    if (oldest != null) {
      files.lost(
          oldest.tokens(),
          "more than " + SettlingPrefixes.MAX_WAITING + " beginnings wait to be written");
    }
  }

  private void run() {
    try {
      for (Waiting next = next(); next != null; next = next()) {
        write(next);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      stopped();
    }
  }

  private void write(Waiting next) {
    try {
      if (files.needsNone(next.model(), next.tokens())) {
        return;
      }
      try (Session session = cache.whole(next.model(), next.tokens())) {
        if (session != null) {
          files.write(next.tokens(), session);
        } else if (Thread.currentThread().isInterrupted()) { // the cache did not wait for it
          files.lost(next.tokens(), INTERRUPTED);
        }
      }
    } catch (CacheFullException e) {
      full(next, e);
    } catch (ClosedModelException e) {
      files.lost(next.tokens(), e.getMessage() + "; close the cache before the model");
    } catch (RuntimeException | Error e) { // of a runtime that may be anybody's
      files.lost(next.tokens(), e.toString());
    }
  }

  /** Tries again later, unless there is no later. */
  private synchronized void full(Waiting next, CacheFullException e) {
    if (finishing) {
      files.lost(next.tokens(), e.toString());
    } else {
      await(next.model(), next.tokens());
    }
  }

  /** What is to be written next; null if nothing came for a while. */
  private synchronized @Nullable Waiting next() throws InterruptedException {
    long idleSince = System.nanoTime();
    while (true) {
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
      long now = System.nanoTime();
      Waiting next = finishing ? all.first() : all.settled(now);
      if (next != null) {
        return next;
      } else if (!all.isEmpty()) {
        wait(TimeUnit.NANOSECONDS.toMillis(all.untilSettled(now)) + 1);
      } else if (finishing || now - idleSince >= TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS)) {
        thread = null;
        return null;
      } else {
        wait(IDLE_MILLIS);
      }
    }
  }

  private synchronized void stopped() {
    thread = null;
    for (Waiting next = all.first(); next != null; next = all.first()) {
      files.lost(next.tokens(), INTERRUPTED);
    }
  }

  /** Writes all that waits, and nothing that comes later. */
  void finish() {
    Thread running;
    synchronized (this) {
      finishing = true;
      running = thread;
      notifyAll();
    }
    if (running == null) {
      run(); // what waits for a thread that could not begin
      return;
    }
    try {
      running.join();
    } catch (InterruptedException e) {
      running.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}

package io.fundamentallm.model;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Writes what a {@link PrefixCache} holds to its files, on a thread of its own that begins with the
 * first beginning and ends when all is written and nothing more comes. Thread-safe.
 */
final class PrefixWriter {
  /** So that of a text that is being written only the end is. */
  private static final long SETTLED = TimeUnit.SECONDS.toNanos(3);

  /** Beginnings that may wait; further ones take the place of the oldest. */
  private static final int MAX_WAITING = 1024;

  /** How long the thread waits for more before it ends. */
  private static final long IDLE_MILLIS = 10_000;

  private final PrefixCache cache;
  private final PrefixFiles files;

  // guarded by this
  private final Deque<Waiting> all = new ArrayDeque<>();
  private @Nullable Thread thread;
  private boolean finishing;

  private record Waiting(LanguageModel model, int[] tokens, long nanos) {}

  PrefixWriter(PrefixCache cache, PrefixFiles files) {
    this.cache = cache;
    this.files = files;
  }

  /** Writes what the cache then holds of these tokens, if that is all of them. */
  synchronized void add(LanguageModel model, int[] tokens) {
    if (finishing || !model.info().capabilities().contains(Capability.SAVE)) {
      return;
    }
    all.removeIf(other -> other.model == model && begins(other.tokens, tokens));
    if (all.size() == MAX_WAITING) {
      all.removeFirst();
    }
    all.addLast(new Waiting(model, tokens.clone(), System.nanoTime()));
    if (thread == null) {
      thread = new Thread(this::run, "fundamentallm-prefixes");
      thread.setDaemon(true);
      thread.start();
    }
    notifyAll();
  }

  private static boolean begins(int[] beginning, int[] tokens) {
    int length = beginning.length;
    return length <= tokens.length && Arrays.mismatch(beginning, 0, length, tokens, 0, length) < 0;
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
    if (files.needsNone(next.model, next.tokens)) {
      return;
    }
    try (Session session = cache.whole(next.model, next.tokens)) {
      if (session != null) {
        files.write(next.tokens, session);
      }
    } catch (IllegalStateException e) {
      // the model was closed meanwhile
    }
  }

  /** What is to be written next; null if nothing came for a while. */
  private synchronized @Nullable Waiting next() throws InterruptedException {
    long idleSince = System.nanoTime();
    while (true) {
      Waiting first = all.peek();
      long age = first == null ? 0 : System.nanoTime() - first.nanos;
      if (first != null && (finishing || age >= SETTLED)) {
        return all.poll();
      } else if (first != null) {
        wait(Math.max(1, TimeUnit.NANOSECONDS.toMillis(SETTLED - age)));
      } else if (finishing
          || System.nanoTime() - idleSince >= TimeUnit.MILLISECONDS.toNanos(IDLE_MILLIS)) {
        thread = null;
        return null;
      } else {
        wait(IDLE_MILLIS);
      }
    }
  }

  private synchronized void stopped() {
    thread = null;
    all.clear();
  }

  /** Writes all that waits, and nothing that comes later. */
  void finish() {
    Thread running;
    synchronized (this) {
      finishing = true;
      running = thread;
      notifyAll();
    }
    try {
      if (running != null) {
        running.join();
      }
    } catch (InterruptedException e) {
      running.interrupt();
      Thread.currentThread().interrupt();
    }
  }
}

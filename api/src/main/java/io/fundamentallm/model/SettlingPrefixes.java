package io.fundamentallm.model;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings that wait to be written until they have not grown for a while, so that of a text that
 * is being written only the end is. One thread at a time.
 */
final class SettlingPrefixes {
  /** How long, in nanoseconds. */
  static final long SETTLED = TimeUnit.SECONDS.toNanos(3);

  /** Beginnings that may wait. */
  static final int MAX_WAITING = 1024;

  /** A beginning, and when it came. */
  record Waiting(LanguageModel model, int[] tokens, long nanos) {}

  /** In the order in which they came. */
  private final Deque<Waiting> all = new ArrayDeque<>();

  boolean isEmpty() {
    return all.isEmpty();
  }

  /**
   * Adds a beginning in place of those that it extends. One that waits already goes on waiting as
   * it did: what is used all the time would else never be written.
   *
   * @param now in nanoseconds
   * @return the oldest, if that had to make room
   */
  @Nullable Waiting add(LanguageModel model, int[] tokens, long now) {
    for (Waiting other : all) {
      if (other.model == model && Arrays.equals(other.tokens, tokens)) {
        return null;
      }
    }
    all.removeIf(other -> other.model == model && begins(other.tokens, tokens));
    Waiting oldest = all.size() == MAX_WAITING ? all.poll() : null;
    all.addLast(new Waiting(model, tokens.clone(), now));
    return oldest;
  }

  private static boolean begins(int[] beginning, int[] tokens) {
    int length = beginning.length;
    return length <= tokens.length && Arrays.mismatch(beginning, 0, length, tokens, 0, length) < 0;
  }

  /** Takes the first that has waited long enough; null if there is none. */
  @Nullable Waiting settled(long now) {
    return all.isEmpty() || untilSettled(now) > 0 ? null : all.poll();
  }

  /** How many nanoseconds the first has yet to wait, at least 0; there must be one. */
  long untilSettled(long now) {
    return Math.max(0, SETTLED - (now - all.element().nanos));
  }

  /** Takes the first, however long it has waited; null if none waits. */
  @Nullable Waiting first() {
    return all.poll();
  }
}

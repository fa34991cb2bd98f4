package io.fundamentallm.internal.batching;

/**
 * How long a pass waits for callers to come back. Those that a pass served do a little work and
 * call again, but not all at once; the first one back would otherwise run a pass alone, and the
 * others the next. So while callers keep arriving, with no gap of more than half a pass or 200 µs
 * between two, those present wait, at most for as long as the last pass took. A caller that was
 * alone in it does not wait. The model's lock guards it; times are those of {@link
 * System#nanoTime()}.
 */
final class Rendezvous {
  /**
   * The longest gap: within it, one of sixteen threads that share two cores is woken and chooses
   * its token.
   */
  private static final long LONGEST_GAP = 200_000;

  private int expected;
  private long lasted;
  private long ended;
  private long arrived;

  /** A caller arrived. */
  void arrived(long now) {
    arrived = now;
  }

  /**
   * A pass is over.
   *
   * @param callers how many may arrive before the next one: those that were served, and those
   *     already waiting
   */
  void passed(long startNanos, long now, int callers) {
    expected = callers;
    lasted = now - startNanos;
    ended = now;
  }

  /** How many nanoseconds the next pass still waits with this many callers present; 0 to start. */
  long left(long now, int callers) {
    if (callers >= expected) {
      return 0;
    }
    long gap = Math.min(LONGEST_GAP, lasted / 2);
    long sinceLast = Math.min(now - ended, now - arrived);
    return Math.max(0, Math.min(gap - sinceLast, lasted - (now - ended)));
  }
}

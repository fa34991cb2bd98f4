package io.fundamentallm.runtime.cpu.kernels.team;

/**
 * How many members a job gets whose barriers wait for all of them. A member that shares its
 * processor with another program is away for milliseconds at a time, and each time all others wait:
 * two threads beside a busy program then do less than one. So where too much of the time goes into
 * waiting, jobs get one member less, and one more again after a while, for a trial.
 *
 * <p>Decides by time, so it must not decide results: these may not depend on the number of members.
 * Used by one thread at a time; nanoseconds are those of {@link System#nanoTime}.
 */
final class Attendance {
  /** Over how much time of jobs the waiting is judged; several turns of a system's scheduler. */
  private static final long WINDOW = 20_000_000;

  /** Of the time of all but one member. */
  private static final double TOO_MUCH = 0.4;

  /** How long one member stays away after the first trial, twice as long after each that failed. */
  private static final long FIRST_ABSENCE = 100_000_000;

  private static final long LONGEST_ABSENCE = 1_600_000_000;

  private int absent;
  private long elapsed;
  private long waited;
  private int bad; // windows in a row
  private boolean trial;
  private long absence = FIRST_ABSENCE;
  private long until; // members stay away

  /**
   * How many members take part in the next job.
   *
   * @param members how many there are
   * @param now nanoseconds
   * @return from 1 to members
   */
  int members(int members, long now) {
    if (absent > 0 && !trial && now - until >= 0) {
      absent--;
      trial = true;
      begin();
    }
    return Math.max(1, members - absent);
  }

  /**
   * A job has ended.
   *
   * @param members how many took part
   * @param nanos how long it took
   * @param waiting the time that members waited for others, beyond what a barrier usually takes, of
   *     all together
   * @param now nanoseconds
   */
  void ended(int members, long nanos, long waiting, long now) {
    if (members == 1) {
      return;
    }
    elapsed += nanos * (members - 1);
    waited += waiting;
    if (elapsed < WINDOW * (members - 1)) {
      return;
    }
    bad = waited > TOO_MUCH * elapsed ? bad + 1 : 0;
    if (bad == 0 && trial) {
      trial = false;
      absence = FIRST_ABSENCE;
      until = now + absence; // of those who are still away
    } else if (bad == 2 || bad == 1 && trial) {
      absence = trial ? Math.min(LONGEST_ABSENCE, 2 * absence) : FIRST_ABSENCE;
      trial = false;
      absent++;
      until = now + absence;
      bad = 0;
    }
    begin();
  }

  private void begin() {
    elapsed = 0;
    waited = 0;
  }
}

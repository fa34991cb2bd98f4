package io.fundamentallm.runtime.cpu.kernels.team;

/**
 * How many members a job gets whose barriers wait for all of them. A member that shares its
 * processor with another program is away for milliseconds at a time, and each time all others wait:
 * two threads beside a busy program then do less than one. So where much of the time goes into
 * waiting for the last member, jobs get fewer, and one more again after a while, for a trial. Work
 * that is uneven by itself looks alike, as attention of a single head; there fewer members are
 * clearly slower, and all come back.
 *
 * <p>Decides by time, so it must not decide results: these may not depend on the number of members.
 * Used by one thread at a time; nanoseconds are those of {@link System#nanoTime}.
 */
final class Attendance {
  private enum State {
    STEADY,
    /** Fewer take part than before, and it is not known yet whether that is faster. */
    FEWER,
    /** One more takes part than before. */
    TRIAL
  }

  /** Over how much time of jobs they are judged; several turns of a system's scheduler. */
  private static final long WINDOW = 20_000_000;

  /** More than jobs differ by chance. */
  private static final double CLEARLY = 1.2;

  /** Until the first trial of one more, or of fewer; twice as long after each that failed. */
  private static final long FIRST_WAIT = 100_000_000;

  private static final long LONGEST_WAIT = 800_000_000;

  /** For jobs so long that the times above are a few of them: the wait is that of as many. */
  private static final int JOBS_BETWEEN = 8;

  private State state = State.STEADY;
  private int absent;
  private int lateWindows; // in a row
  private long absence = FIRST_WAIT;
  private long patience = FIRST_WAIT;
  private long absentSince; // or since the last trial of one more
  private long patientSince;
  private long patientFor; // no trial of fewer; 0 if there was none
  private double usual; // nanoseconds of a job
  private int absentBefore;
  private double usualBefore;

  private long elapsed;
  private long waited;
  private int jobs;

  /**
   * How many members take part in the next job.
   *
   * @param members how many there are
   * @param now nanoseconds
   * @return from 1 to members
   */
  int members(int members, long now) {
    if (state == State.STEADY && absent > 0 && now - absentSince >= atLeastJobs(absence)) {
      absent--;
      state = State.TRIAL;
      begin();
    }
    return Math.max(1, members - absent);
  }

  /**
   * A job has ended.
   *
   * @param members how many took part
   * @param nanos how long it took
   * @param waiting for how much of that all but one waited for the last, beyond what a barrier
   *     usually takes
   * @param now nanoseconds
   */
  void ended(int members, long nanos, long waiting, long now) {
    jobs++;
    elapsed += nanos;
    waited += waiting;
    if (elapsed < WINDOW) {
      return;
    }
    double mean = (double) elapsed / jobs;
    boolean late = waited > tooMuch(members) * elapsed;
    switch (state) {
      case STEADY -> steady(late, mean, now);
      case FEWER -> fewer(late, mean, now);
      case TRIAL -> trial(late, mean, now);
    }
    begin();
  }

  /**
   * The part of the time from which one member less is faster, if those present wait for one: m of
   * them do as much as m − 1 if they wait for the m-th part. More, since some waiting is always.
   */
  private static double tooMuch(int members) {
    return Math.min(0.4, 1.0 / members + 0.1);
  }

  private void steady(boolean late, double mean, long now) {
    usual = mean;
    boolean patient = patientFor > 0 && now - patientSince < atLeastJobs(patientFor);
    lateWindows = late && !patient ? lateWindows + 1 : 0;
    if (lateWindows == 2) { // once may be a pause of the JVM
      lateWindows = 0;
      absentBefore = absent++;
      usualBefore = mean;
      state = State.FEWER;
    }
  }

  private void fewer(boolean late, double mean, long now) {
    if (late && mean < 2 * usualBefore) {
      absent++; // as with twice as many threads as processors
      return;
    }
    state = State.STEADY;
    if (mean > CLEARLY * usualBefore) {
      absent = absentBefore;
      patientSince = now;
      patientFor = patience;
      patience = Math.min(LONGEST_WAIT, 2 * patience);
    } else {
      usual = mean;
      absence = FIRST_WAIT;
      patience = FIRST_WAIT;
      absentSince = now;
    }
  }

  private void trial(boolean late, double mean, long now) {
    state = State.STEADY;
    if (late && CLEARLY * mean > usual) {
      absent++;
      absence = Math.min(LONGEST_WAIT, 2 * absence);
    } else {
      usual = mean;
      absence = FIRST_WAIT;
    }
    absentSince = now;
  }

  /** A wait, judged by how long jobs are now and not by those when it began. */
  private long atLeastJobs(long wait) {
    return Math.max(wait, (long) (JOBS_BETWEEN * usual));
  }

  private void begin() {
    elapsed = 0;
    waited = 0;
    jobs = 0;
  }
}

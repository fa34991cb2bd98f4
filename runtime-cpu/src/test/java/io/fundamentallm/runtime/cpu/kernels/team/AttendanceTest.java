package io.fundamentallm.runtime.cpu.kernels.team;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AttendanceTest {
  private static final long MILLI = 1_000_000;

  private final Attendance attendance = new Attendance();
  private long now;

  /** Runs jobs of a millisecond for so long, and returns how many members the last one had. */
  private int work(int members, int millis, Waiting waiting) {
    int present = members;
    for (int i = 0; i < millis; i++) {
      present = attendance.members(members, now);
      now += MILLI;
      attendance.ended(present, MILLI, (long) (waiting.of(present) * MILLI), now);
    }
    return present;
  }

  /** The milliseconds that all members of a job of one millisecond wait. */
  private interface Waiting {
    double of(int present);
  }

  @Test
  void where_nobody_waits_all_take_part() {
    assertThat(work(8, 10_000, present -> 0)).isEqualTo(8);
  }

  @Test
  void waits_that_are_a_part_of_uneven_work_change_nothing() {
    assertThat(work(2, 10_000, present -> 0.3)).isEqualTo(2);
    assertThat(work(8, 10_000, present -> 7 * 0.3)).isEqualTo(8);
  }

  @Test
  void one_pause_changes_nothing() {
    work(2, 500, present -> 0);
    work(2, 20, present -> 1);
    assertThat(work(2, 1, present -> 0)).isEqualTo(2);
  }

  @Test
  void a_member_that_others_always_wait_for_stays_away_but_for_trials() {
    // four threads on two processors, then two
    Waiting crowded = present -> present > 2 ? 0.7 * (present - 1) : 0;
    assertThat(work(4, 85, crowded)).isEqualTo(2);
    int crowdedJobs = 0;
    for (int i = 0; i < 10_000; i++) {
      crowdedJobs += work(4, 1, crowded) > 2 ? 1 : 0;
    }
    assertThat(crowdedJobs).isBetween(5 * 20, 500);
  }

  @Test
  void once_the_other_program_has_ended_all_take_part_again() {
    Waiting beside = present -> present > 1 ? 0.7 : 0;
    assertThat(work(2, 41, beside)).isEqualTo(1);
    work(2, 10_000, beside);
    assertThat(work(2, 1_700, present -> 0)).isEqualTo(2);
    // and is as ready to give way as at first
    assertThat(work(2, 41, beside)).isEqualTo(1);
    assertThat(work(2, 100, beside)).isEqualTo(2);
  }

  @Test
  void the_caller_always_takes_part() {
    assertThat(work(1, 100, present -> 0)).isEqualTo(1);
    assertThat(work(3, 10_000, present -> present - 1)).isBetween(1, 2);
    assertThat(attendance.members(1, now)).isEqualTo(1);
  }
}

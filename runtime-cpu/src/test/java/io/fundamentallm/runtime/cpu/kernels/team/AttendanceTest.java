package io.fundamentallm.runtime.cpu.kernels.team;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class AttendanceTest {
  private final Attendance attendance = new Attendance();
  private long now = Long.MAX_VALUE - 5_000_000_000L; // it overflows, as nanoTime may
  private double slower = 1;

  /** How so many threads work. */
  private interface Machine {
    /** The milliseconds of a job. */
    double millis(int present);

    /** The part of them for which all but one wait. */
    default double waiting(int present) {
      return 0;
    }
  }

  /** Work that threads share evenly, beside programs that leave some of these alone. */
  private record Beside(int alone) implements Machine {
    @Override
    public double millis(int present) {
      return present <= alone ? 4.0 / present : 4.0 / present / 0.3;
    }

    @Override
    public double waiting(int present) {
      return present <= alone ? 0 : 0.7;
    }
  }

  /** Work of which a part is done by one thread, as attention of one head. */
  private record Uneven(double part) implements Machine {
    @Override
    public double millis(int present) {
      return 4 * (part + (1 - part) / present);
    }

    @Override
    public double waiting(int present) {
      return present == 1 ? 0 : 4 * part / millis(present);
    }
  }

  /** Runs jobs for so long, and returns the milliseconds for which fewer than all took part. */
  private int work(int members, int millis, Machine machine) {
    double fewer = 0;
    for (double done = 0; done < millis; ) {
      int present = attendance.members(members, now);
      double job = slower * machine.millis(present);
      long nanos = (long) (job * 1e6);
      now += nanos;
      attendance.ended(present, nanos, (long) (nanos * machine.waiting(present)), now);
      fewer += present < members ? job : 0;
      done += job;
    }
    return (int) fewer;
  }

  private int present(int members) {
    return attendance.members(members, now);
  }

  @Test
  void where_nobody_waits_all_take_part() {
    assertThat(work(8, 10_000, new Beside(8))).isZero();
  }

  @Test
  void one_pause_changes_nothing() {
    work(2, 500, new Beside(2));
    attendance.ended(2, 25_000_000, 25_000_000, now);
    assertThat(work(2, 500, new Beside(2))).isZero();
  }

  @Test
  void a_member_that_others_wait_for_stays_away_but_for_trials() {
    work(2, 100, new Beside(1));
    assertThat(present(2)).isEqualTo(1);
    assertThat(work(2, 10_000, new Beside(1))).isBetween(9_500, 9_950);
  }

  @Test
  void so_it_is_where_a_job_takes_seconds() {
    slower = 1_000; // 4 s with one thread, 6.7 s with two
    work(2, 100_000, new Beside(1));
    assertThat(work(2, 1_000_000, new Beside(1))).isGreaterThan(800_000);
    assertThat(work(2, 1_000_000, new Uneven(0.4))).isLessThan(200_000);
  }

  @Test
  void of_many_threads_as_many_stay_away_as_have_no_processor() {
    work(4, 150, new Beside(2));
    assertThat(present(4)).isEqualTo(2);
    work(4, 10_000, new Beside(2));
    assertThat(present(4)).isBetween(2, 3);
    assertThat(work(8, 10_000, new Beside(7))).isBetween(9_500, 9_990);
  }

  @Test
  void once_the_other_program_has_ended_all_take_part_again() {
    work(4, 10_000, new Beside(2));
    work(4, 2_000, new Beside(4));
    assertThat(work(4, 1_000, new Beside(4))).isZero();
    // and are as ready to give way as at first
    work(4, 150, new Beside(2));
    assertThat(present(4)).isEqualTo(2);
  }

  @Test
  void uneven_work_is_tried_with_fewer_and_goes_on_with_all() {
    assertThat(work(2, 20_000, new Uneven(0.4))).isLessThan(600);
    assertThat(work(8, 20_000, new Uneven(0.4))).isLessThan(3_000);
  }

  @Test
  void uneven_work_does_not_keep_members_away_once_another_program_has_ended() {
    Machine beside =
        new Machine() {
          @Override
          public double millis(int present) {
            return present == 1 ? 4 : 8;
          }

          @Override
          public double waiting(int present) {
            return present == 1 ? 0 : 0.8;
          }
        };
    work(2, 10_000, beside);
    assertThat(present(2)).isEqualTo(1);
    work(2, 2_000, new Uneven(0.4));
    assertThat(work(2, 20_000, new Uneven(0.4))).isLessThan(600);
  }

  @Test
  void jobs_that_become_longer_are_no_reason_to_stay_away() {
    work(2, 10_000, new Beside(1));
    slower = 20;
    work(2, 4_000, new Beside(2));
    assertThat(work(2, 4_000, new Beside(2))).isZero();
  }

  @Test
  void jobs_that_were_longer_do_not_put_off_the_trial_of_short_ones() {
    slower = 100; // as before kernels are compiled
    work(2, 2_000, new Beside(1));
    assertThat(present(2)).isEqualTo(1);
    slower = 5;
    assertThat(work(2, 10_000, new Beside(2))).isLessThan(500);
  }

  @Test
  void the_caller_always_takes_part() {
    assertThat(work(3, 10_000, new Beside(1))).isBetween(9_000, 9_990);
    assertThat(present(3)).isBetween(1, 2);
    assertThat(attendance.members(1, now)).isEqualTo(1);
  }
}

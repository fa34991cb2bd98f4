package io.fundamentallm.runtime.cpu.kernels.team;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(600)
class ParallelTest {

  /**
   * Runs many regions and checks that each piece ran once, and each slot had one thread at a time.
   */
  private static void check(Parallel parallel, int regions) {
    AtomicIntegerArray busy = new AtomicIntegerArray(parallel.slots());
    for (int region = 0; region < regions; region++) {
      int pieces = region % 9;
      AtomicIntegerArray runs = new AtomicIntegerArray(9);
      AtomicBoolean shared = new AtomicBoolean();
      parallel.run(
          pieces,
          (i, slot) -> {
            if (busy.incrementAndGet(slot) != 1) {
              shared.set(true);
            }
            runs.incrementAndGet(i);
            busy.decrementAndGet(slot);
          });
      assertThat(shared).isFalse();
      for (int i = 0; i < 9; i++) {
        assertThat(runs.get(i)).isEqualTo(i < pieces ? 1 : 0);
      }
    }
  }

  @Test
  void every_piece_runs_once_and_a_slot_has_one_thread_at_a_time() {
    for (int threads = 1; threads <= 4; threads++) {
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        assertThat(parallel.slots()).isEqualTo(threads);
        check(parallel, 20_000);
      }
    }
  }

  @Test
  void members_meet_at_barriers_and_see_what_the_others_wrote() {
    for (int threads = 1; threads <= 4; threads++) {
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        int[] written = new int[threads];
        AtomicBoolean wrong = new AtomicBoolean();
        for (int round = 0; round < 200; round++) {
          parallel.together(
              (slot, members) -> {
                for (int i = 1; i <= 20; i++) {
                  written[slot] = i;
                  parallel.barrier();
                  for (int other = 0; other < members; other++) {
                    if (written[other] != i) {
                      wrong.set(true);
                    }
                  }
                  parallel.barrier();
                }
              });
        }
        assertThat(wrong).isFalse();
      }
    }
  }

  @Test
  void claims_begin_again_after_each_barrier() {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      AtomicIntegerArray claimed = new AtomicIntegerArray(50);
      parallel.together(
          (slot, members) -> {
            for (int phase = 0; phase < 4; phase++) {
              for (int i = parallel.claim(); i < 50; i = parallel.claim()) {
                claimed.incrementAndGet(i);
              }
              parallel.barrier();
            }
          });
      for (int i = 0; i < 50; i++) {
        assertThat(claimed.get(i)).isEqualTo(4);
      }
    }
  }

  @Test
  void each_part_is_taken_once_between_two_barriers() {
    for (int threads = 1; threads <= 3; threads++) {
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        int each = 7;
        for (int job = 0; job < 20; job++) {
          AtomicIntegerArray taken = new AtomicIntegerArray(threads * each);
          AtomicInteger parts = new AtomicInteger();
          parallel.together(
              (slot, members) -> {
                parts.set(members * each);
                for (int phase = 0; phase < 5; phase++) {
                  for (int i = parallel.take(slot, each); i >= 0; i = parallel.take(slot, each)) {
                    taken.incrementAndGet(i);
                  }
                  parallel.barrier();
                }
              });
          for (int i = 0; i < taken.length(); i++) {
            assertThat(taken.get(i)).isEqualTo(i < parts.get() ? 5 : 0);
          }
        }
      }
    }
  }

  @Test
  void the_parts_of_a_member_that_is_late_are_taken_by_another() {
    try (Parallel parallel = Parallel.ofThreads(2)) {
      CompletableFuture<Boolean> all = new CompletableFuture<>();
      List<Integer> early = new ArrayList<>();
      AtomicInteger late = new AtomicInteger();
      parallel.together(
          (slot, members) -> {
            parallel.barrier();
            if (slot == 0) {
              all.join();
              late.set(parallel.take(slot, 3));
              return;
            }
            for (int i = parallel.take(slot, 3); i >= 0; i = parallel.take(slot, 3)) {
              early.add(i);
            }
            all.complete(true);
          });
      assertThat(early).containsExactly(3, 4, 5, 0, 1, 2);
      assertThat(late).hasNegativeValue();
    }
  }

  @Test
  void each_piece_of_divided_work_runs_once() {
    for (int threads = 1; threads <= 4; threads++) {
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        for (int pieces = 0; pieces < 40; pieces++) {
          AtomicIntegerArray ran = new AtomicIntegerArray(Math.max(1, pieces));
          parallel.divide(pieces, (i, slot) -> ran.incrementAndGet(i));
          for (int i = 0; i < pieces; i++) {
            assertThat(ran.get(i)).isEqualTo(1);
          }
        }
      }
    }
  }

  @Test
  void divided_work_of_a_member_that_is_late_is_taken_over() {
    try (Parallel parallel = Parallel.ofThreads(2)) {
      for (int round = 0; round < 50; round++) {
        AtomicInteger ran = new AtomicInteger();
        CompletableFuture<Boolean> others = new CompletableFuture<>();
        AtomicBoolean waits = new AtomicBoolean();
        parallel.divide(
            6,
            (i, slot) -> {
              if (slot == 1 && waits.compareAndSet(false, true)) {
                others.join(); // for all pieces but this one
              }
              if (ran.incrementAndGet() == 5) {
                others.complete(true);
              }
            });
        assertThat(ran).hasValue(6);
      }
    }
  }

  @Test
  void a_piece_of_divided_work_that_fails_ends_it() {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      for (int failing = 0; failing < 9; failing++) {
        int piece = failing;
        assertThatThrownBy(
                () ->
                    parallel.divide(
                        9,
                        (i, slot) -> {
                          if (i == piece) {
                            throw new IllegalStateException("piece " + i);
                          }
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("piece " + piece);
      }
      check(parallel, 100);
    }
  }

  @Test
  void a_member_that_fails_frees_those_who_wait_for_it() {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      for (int round = 0; round < 300; round++) {
        AtomicInteger failing = new AtomicInteger(round % 3);
        assertThatThrownBy(
                () ->
                    parallel.together(
                        (slot, members) -> {
                          if (slot == 0 && failing.get() >= members) {
                            failing.set(0); // a busy machine
                          }
                          parallel.barrier();
                          if (slot == failing.get()) {
                            throw new IllegalStateException("member " + slot);
                          }
                          parallel.barrier();
                        }))
            .isInstanceOf(IllegalStateException.class)
            .hasMessage("member " + failing);
      }
      check(parallel, 100);
    }
  }

  @Test
  void an_exception_reaches_the_caller_after_all_have_stopped() {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      for (int round = 0; round < 200; round++) {
        AtomicInteger running = new AtomicInteger();
        assertThatThrownBy(
                () ->
                    parallel.run(
                        50,
                        (i, slot) -> {
                          running.incrementAndGet();
                          try {
                            if (i == 7) {
                              throw new IllegalArgumentException("piece 7");
                            }
                          } finally {
                            running.decrementAndGet();
                          }
                        }))
            .isInstanceOf(IllegalArgumentException.class)
            .hasMessage("piece 7");
        assertThat(running).hasValue(0);
      }
      check(parallel, 100);
    }
  }

  @Test
  void callers_on_several_threads_take_turns() throws Exception {
    try (Parallel parallel = Parallel.ofThreads(2)) {
      AtomicInteger inside = new AtomicInteger();
      AtomicBoolean overlapped = new AtomicBoolean();
      List<Thread> callers = new ArrayList<>();
      for (int t = 0; t < 4; t++) {
        Thread caller =
            new Thread(
                () -> {
                  for (int i = 0; i < 500; i++) {
                    parallel.run(
                        2,
                        (piece, slot) -> {
                          if (inside.incrementAndGet() > 2) {
                            overlapped.set(true);
                          }
                          inside.decrementAndGet();
                        });
                  }
                });
        callers.add(caller);
        caller.start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(overlapped).isFalse();
    }
  }

  @Test
  void work_within_work_is_refused() {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      assertThatThrownBy(() -> parallel.run(1, (i, slot) -> parallel.run(1, (j, s) -> {})))
          .isInstanceOf(IllegalStateException.class)
          .hasMessage("a piece of parallel work may not start parallel work");
    }
  }

  @Test
  void after_close_the_caller_works_alone() {
    Parallel parallel = Parallel.ofThreads(3);
    check(parallel, 10);
    parallel.close();
    parallel.run(5, (i, slot) -> assertThat(slot).isZero());
  }

  @Test
  void no_threads_are_refused() {
    assertThatThrownBy(() -> Parallel.ofThreads(0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("threads must be 1 or more, not 0");
  }
}

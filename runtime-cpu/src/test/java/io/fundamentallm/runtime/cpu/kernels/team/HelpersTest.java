package io.fundamentallm.runtime.cpu.kernels.team;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.lang.invoke.MethodHandle;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.MethodType;
import java.lang.management.ManagementFactory;
import java.lang.management.ThreadMXBean;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The threads of a team, and the threads that call it. */
@Timeout(value = 600, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class HelpersTest {
  private static final ThreadMXBean THREADS = ManagementFactory.getThreadMXBean();

  /** All threads that take part, one of which is the caller. */
  private static Set<Thread> team(Parallel parallel) {
    Set<Thread> team = ConcurrentHashMap.newKeySet();
    parallel.together((slot, members) -> team.add(Thread.currentThread()));
    return team;
  }

  private static long cpuTime(Set<Thread> threads) {
    return threads.stream().mapToLong(thread -> THREADS.getThreadCpuTime(thread.getId())).sum();
  }

  private static boolean isParked(Thread thread) {
    return thread.getState() == Thread.State.WAITING
        || thread.getState() == Thread.State.TIMED_WAITING;
  }

  private static void count(Parallel parallel, AtomicLong total, int rounds) {
    for (int round = 0; round < rounds; round++) {
      parallel.together(
          (slot, members) -> {
            for (int i = parallel.claim(); i < 10; i = parallel.claim()) {
              total.incrementAndGet();
            }
            parallel.barrier();
          });
    }
  }

  @Test
  void idle_helpers_use_no_processor_time() throws InterruptedException {
    Assumptions.assumeTrue(THREADS.isThreadCpuTimeSupported());
    try (Parallel parallel = Parallel.ofThreads(3)) {
      Set<Thread> helpers = team(parallel);
      helpers.remove(Thread.currentThread());
      assertThat(helpers).hasSize(2);
      while (!helpers.stream().allMatch(HelpersTest::isParked)) {
        Thread.sleep(10); // they wait actively for a fifth of a millisecond of their own time
      }
      long before = cpuTime(helpers);
      Thread.sleep(300);
      // none; one that woke for no reason, as park may, would use microseconds
      assertThat(cpuTime(helpers) - before).isLessThan(1_000_000);
    }
  }

  @Test
  void interrupted_helpers_end_and_others_take_their_places() throws InterruptedException {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      Set<Thread> helpers = team(parallel);
      helpers.remove(Thread.currentThread());
      helpers.forEach(Thread::interrupt); // as Maven's exec:java does at the end of a program
      for (Thread helper : helpers) {
        helper.join();
      }
      Set<Thread> others = team(parallel);
      while (others.size() < 3) { // on a busy machine not all take part each time
        others.addAll(team(parallel));
      }
      assertThat(others).hasSize(3).doesNotContainAnyElementsOf(helpers);
    }
  }

  @Test
  void interrupts_at_any_time_lose_no_work() throws InterruptedException {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      AtomicLong total = new AtomicLong();
      Set<Thread> all = ConcurrentHashMap.newKeySet();
      int rounds = 0;
      // until some have ended; with no processor to spare helpers may stay away for a while
      while (rounds < 300 || all.size() <= 2) {
        Set<Thread> helpers = team(parallel);
        helpers.remove(Thread.currentThread());
        all.addAll(helpers);
        count(parallel, total, 1);
        Thread.sleep(rounds++ % 3); // some are about to sleep, some do
        helpers.forEach(Thread::interrupt);
        count(parallel, total, 1);
      }
      assertThat(total).hasValue(20L * rounds);
    }
  }

  @Test
  void helpers_sleep_and_wake_any_number_of_times() throws InterruptedException {
    try (Parallel parallel = Parallel.ofThreads(3)) {
      AtomicLong total = new AtomicLong();
      for (int i = 0; i < 100; i++) {
        count(parallel, total, 3);
        Thread.sleep(i % 3);
      }
      assertThat(total).hasValue(3000);
    }
  }

  @Test
  void more_threads_than_processors_work_as_well() throws InterruptedException {
    try (Parallel parallel = Parallel.ofThreads(16)) {
      assertThat(team(parallel)).hasSize(16);
      AtomicLong total = new AtomicLong();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        callers.add(new Thread(() -> count(parallel, total, 20)));
        callers.get(i).start();
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(total).hasValue(16 * 20 * 10);
    }
  }

  @Test
  void closing_while_others_wait_lets_their_work_be_done() throws InterruptedException {
    for (int round = 0; round < 30; round++) {
      Parallel parallel = Parallel.ofThreads(3);
      AtomicLong total = new AtomicLong();
      AtomicInteger failed = new AtomicInteger();
      CountDownLatch begun = new CountDownLatch(4);
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        Thread caller =
            new Thread(
                () -> {
                  begun.countDown();
                  count(parallel, total, 200);
                });
        caller.setUncaughtExceptionHandler((thread, e) -> failed.incrementAndGet());
        callers.add(caller);
        caller.start();
      }
      begun.await();
      parallel.close();
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(failed).hasValue(0);
      assertThat(total).hasValue(4 * 200 * 10);
      assertThat(team(parallel)).containsExactly(Thread.currentThread());
    }
  }

  @Test
  void closing_ends_the_helpers() throws InterruptedException {
    Parallel parallel = Parallel.ofThreads(3);
    Set<Thread> helpers = team(parallel);
    helpers.remove(Thread.currentThread());
    assertThat(helpers).hasSize(2).allMatch(Thread::isDaemon);
    parallel.close();
    parallel.close();
    for (Thread helper : helpers) {
      helper.join();
    }
  }

  @Test
  void callers_may_be_virtual_threads() throws Throwable {
    Assumptions.assumeTrue(Runtime.version().feature() >= 21, "this JDK has no virtual threads");
    MethodHandle start =
        MethodHandles.publicLookup()
            .findStatic(
                Thread.class,
                "startVirtualThread",
                MethodType.methodType(Thread.class, Runnable.class));
    try (Parallel parallel = Parallel.ofThreads(2)) {
      AtomicLong total = new AtomicLong();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 100; i++) {
        Runnable counting = () -> count(parallel, total, 20);
        callers.add((Thread) start.invokeExact(counting));
      }
      for (Thread caller : callers) {
        caller.join();
      }
      assertThat(total).hasValue(100 * 20 * 10);
    }
  }

  /** The threads of a team that nobody closes. */
  private static Set<Thread> forgotten() {
    Set<Thread> helpers = team(Parallel.ofThreads(3));
    helpers.remove(Thread.currentThread());
    return helpers;
  }

  @Test
  void the_threads_of_forgotten_teams_end_and_those_of_others_do_not() throws InterruptedException {
    try (Parallel kept = Parallel.ofThreads(3)) {
      Set<Thread> others = team(kept);
      Set<Thread> helpers = ConcurrentHashMap.newKeySet();
      for (int i = 0; i < 50; i++) {
        helpers.addAll(forgotten());
      }
      assertThat(helpers).hasSize(100);
      // the collector says when; the limit of the class is the only one
      while (helpers.stream().anyMatch(Thread::isAlive)) {
        System.gc();
        Thread.sleep(10);
      }
      assertThat(team(kept)).isEqualTo(others);
    }
  }

  /**
   * Of ten teams eight: a JVM may itself remember what a thread threw or caught last. One team that
   * was waited for alone once lived on for ten minutes on JDK 17.
   */
  @Test
  void a_failure_does_not_keep_a_forgotten_team_alive() throws InterruptedException {
    List<Set<Thread>> teams = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      Set<Thread> helpers = ConcurrentHashMap.newKeySet();
      failing(helpers);
      helpers.remove(Thread.currentThread());
      assertThat(helpers).hasSize(2);
      teams.add(helpers);
    }
    while (teams.stream().filter(helpers -> helpers.stream().anyMatch(Thread::isAlive)).count()
        > 2) {
      System.gc();
      Thread.sleep(10);
    }
  }

  /** What is thrown refers to the team, as what a caller throws may refer to its model. */
  private static void failing(Set<Thread> helpers) {
    Parallel parallel = Parallel.ofThreads(3);
    RuntimeException holding =
        new RuntimeException("a test's own") {
          private static final long serialVersionUID = 1;
          private final transient Parallel held = parallel;

          @Override
          public String toString() {
            return getMessage() + held.slots();
          }
        };
    assertThatThrownBy(
            () ->
                parallel.together(
                    (slot, members) -> {
                      helpers.add(Thread.currentThread());
                      throw holding;
                    }))
        .isSameAs(holding);
  }
}

package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Cancelled calls and failing passes: whom they concern, and that nothing is left behind. */
class BatchingFailuresTest extends BatchingBench {
  private static final BatchingLimits LIMITS = BatchingLimits.defaults();

  private final AtomicBoolean cancelled = new AtomicBoolean();

  @Test
  void a_cancelled_caller_leaves_the_queue_while_the_pass_goes_on() throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller waiting = queued(cancelled::get, append(2, 1));
    Caller other = queued(append(3, 1));
    cancelled.set(true);
    assertThat(waiting.join()).isInstanceOf(CancellationException.class);
    assertThat(watched.passes).hasSize(1);
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(other.join()).isNull();
    assertThat(watched.passes).containsExactly(List.of(1), List.of(3));
    assertThat(waiting.session().length()).isZero();
    model.forward(waiting.batch, Cancellation.none());
    assertRight(waiting.batch.get(0));
  }

  @Test
  void a_call_cancelled_before_it_began_runs_no_pass() {
    watched.free();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> model.forward(List.of(append(1, 1)), () -> true));
    assertThat(watched.passes).isEmpty();
  }

  @Test
  void a_caller_cancelled_in_a_pass_is_taken_back_and_the_others_get_theirs()
      throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller going = queued(cancelled::get, append(2, 1), append(3, 0));
    Caller staying = queued(append(4, 2));
    watched.permits.release();
    watched.awaitPasses(2);
    cancelled.set(true);
    watched.free();
    assertThat(going.join()).isInstanceOf(CancellationException.class);
    assertThat(staying.join()).isNull();
    assertThat(first.join()).isNull();
    assertRight(staying.batch.get(0));
    going.batch.forEach(append -> assertThat(append.session().length()).isZero());
    model.forward(going.batch, Cancellation.none());
    going.batch.forEach(BatchingBench::assertRight);
  }

  @Test
  void where_nothing_can_be_truncated_a_pass_that_began_is_finished() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).capabilities().build(), LIMITS);
    Caller first = running(append(1, 1));
    CountDownLatch seen = new CountDownLatch(1);
    Cancellation watching =
        () -> {
          if (cancelled.get()) {
            seen.countDown();
          }
          return cancelled.get();
        };
    // the first in the queue runs the pass, and the second waits for it and asks
    Caller staying = queued(append(4, 2));
    Caller going = queued(watching, append(2, 1));
    watched.permits.release();
    watched.awaitPasses(2);
    cancelled.set(true);
    assertThat(seen.await(5, TimeUnit.MINUTES)).isTrue();
    watched.free();
    for (Caller caller : List.of(first, going, staying)) {
      assertThat(caller.join()).isNull();
      assertRight(caller.batch.get(0));
    }
  }

  @Test
  void a_pass_whose_callers_are_all_cancelled_is_cancelled() throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller second = queued(cancelled::get, append(2, 1));
    Caller third = queued(cancelled::get, append(3, 1));
    watched.permits.release();
    watched.awaitPasses(2);
    cancelled.set(true);
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(second.join()).isInstanceOf(CancellationException.class);
    assertThat(third.join()).isInstanceOf(CancellationException.class);
    assertThat(watched.toy.computed()).isEqualTo(1);
  }

  @Test
  void a_waiting_callers_interrupt_is_remembered_until_the_pass_asks() throws InterruptedException {
    Caller first = running(append(1, 1));
    AtomicReference<Thread> stopped = new AtomicReference<>();
    CountDownLatch seen = new CountDownLatch(1);
    AtomicReference<Thread> ofOne = new AtomicReference<>();
    Caller one = queued(interruptOr(ofOne, stopped, seen), append(2, 1));
    ofOne.set(one.thread);
    AtomicReference<Thread> ofOther = new AtomicReference<>();
    Caller other = queued(interruptOr(ofOther, stopped, seen), append(3, 1));
    ofOther.set(other.thread);
    watched.permits.release();
    watched.awaitPasses(2);
    Thread leader = watched.leaders.get(1); // either of them
    Thread waiting = one.thread == leader ? other.thread : one.thread;
    stopped.set(leader);
    waiting.interrupt();
    assertThat(seen.await(5, TimeUnit.MINUTES)).isTrue();
    long end = System.nanoTime() + TimeUnit.MINUTES.toNanos(5);
    while (waiting.isInterrupted()) { // it clears its flag, so that it can wait on
      assertThat(System.nanoTime()).isLessThan(end);
      Thread.sleep(1);
    }
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(one.join()).isInstanceOf(CancellationException.class);
    assertThat(other.join()).isInstanceOf(CancellationException.class);
    assertThat(watched.toy.computed()).isEqualTo(1);
  }

  /** Cancelled while the caller's own thread is interrupted, or once that thread is stopped. */
  private static Cancellation interruptOr(
      AtomicReference<Thread> own, AtomicReference<Thread> stopped, CountDownLatch seen) {
    return () -> {
      Thread thread = own.get();
      if (thread == null) {
        return false;
      }
      if (thread.isInterrupted()) {
        seen.countDown();
        return true;
      }
      return thread == stopped.get();
    };
  }

  @Test
  void a_prompt_cancelled_between_its_chunks_is_taken_back() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withPrefillTokens(20));
    watched.free();
    Session session = model.open();
    session.append(new int[] {5, 6, 7});
    watched.permits.drainPermits();
    watched.permits.release();
    Caller prompt = running(cancelled::get, append(session, 70, 1));
    watched.awaitPasses(3);
    assertThat(session.length()).isEqualTo(23);
    cancelled.set(true);
    watched.free();
    assertThat(prompt.join()).isInstanceOf(CancellationException.class);
    assertThat(session.length()).isEqualTo(3);
    float[] row = new float[SIZE];
    session.append(new int[] {8}, row);
    float[] expected = new float[SIZE];
    ToyModel.hashing().score(new int[] {5, 6, 7, 8}, 4, expected);
    assertThat(row).isEqualTo(expected);
  }

  @Test
  void what_only_the_model_can_refuse_concerns_its_caller_alone() throws InterruptedException {
    watched.inspection =
        batch -> {
          if (batch.stream().mapToInt(append -> append.tokens().length).max().orElse(0) > 3) {
            throw new IllegalStateException("the cache is full");
          }
        };
    Caller first = running(append(1, 1));
    Caller large = queued(append(4, 1));
    Caller small = queued(append(2, 2));
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(large.join()).hasMessage("the cache is full");
    assertThat(large.session().length()).isZero();
    assertThat(small.join()).isNull();
    assertRight(small.batch.get(0));
    assertThat(watched.passes).containsExactly(List.of(1), List.of(4, 2), List.of(4), List.of(2));
  }

  @Test
  void what_nobody_expected_concerns_all_and_changes_no_session() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withTokens(30).withPrefillTokens(20));
    Caller first = running(append(1, 1));
    Caller prompt = queued(append(50, 1));
    watched.permits.release();
    watched.awaitPasses(2);
    Caller step = queued(append(2, 1));
    watched.inspection =
        batch -> {
          if (batch.size() > 1) {
            throw new OutOfMemoryError("a test's own");
          }
        };
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(prompt.join()).isInstanceOf(OutOfMemoryError.class);
    assertThat(step.join()).isInstanceOf(OutOfMemoryError.class);
    assertThat(prompt.session().length()).isZero();
    assertThat(step.session().length()).isZero();
    watched.inspection = batch -> {};
    model.forward(prompt.batch, Cancellation.none());
    assertRight(prompt.batch.get(0));
  }

  @Test
  void a_cancellation_that_throws_concerns_its_caller_alone() throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller broken =
        queued(
            () -> {
              if (cancelled.get()) {
                throw new UnsupportedOperationException("a test's own");
              }
              return false;
            },
            append(2, 1));
    Caller other = queued(append(3, 1));
    watched.permits.release();
    watched.awaitPasses(2);
    cancelled.set(true);
    watched.free();
    assertThat(broken.join()).isInstanceOf(UnsupportedOperationException.class);
    assertThat(broken.session().length()).isZero();
    assertThat(first.join()).isNull();
    assertThat(other.join()).isNull();
    assertRight(other.batch.get(0));
  }

  @Test
  void an_interrupt_is_kept_for_the_caller_and_may_be_its_cancellation()
      throws InterruptedException {
    Caller first = running(append(1, 1));
    AtomicBoolean seen = new AtomicBoolean();
    float[] row = new float[SIZE];
    Session session = model.open();
    Thread patient =
        new Thread(
            () -> {
              Thread.currentThread().interrupt();
              session.append(new int[] {7}, row);
              seen.set(Thread.currentThread().isInterrupted());
            });
    patient.start();
    Thread[] holder = new Thread[1];
    Caller cancellable = queued(() -> holder[0] != null && holder[0].isInterrupted(), append(2, 1));
    holder[0] = cancellable.thread;
    cancellable.thread.interrupt();
    assertThat(cancellable.join()).isInstanceOf(CancellationException.class);
    watched.free();
    patient.join();
    assertThat(first.join()).isNull();
    assertThat(seen).isTrue();
    float[] expected = new float[SIZE];
    ToyModel.hashing().score(new int[] {7}, 1, expected);
    assertThat(Arrays.equals(row, expected)).isTrue();
  }
}

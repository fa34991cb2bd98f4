package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.Supplier;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a caller's own code throws, errors too, costs no place in the queue and no other caller. */
class BatchingErrorsTest extends BatchingBench {
  private static final BatchingLimits ONE_WAITS = BatchingLimits.defaults().withCallers(1);

  /** Not declared, which other languages allow. */
  private static final class Checked extends Exception {
    private static final long serialVersionUID = 1;
  }

  private final AtomicBoolean broken = new AtomicBoolean();

  static List<Supplier<Throwable>> throwables() {
    return List.of(
        () -> new AssertionError("a test's own"),
        () -> new StackOverflowError("a test's own"),
        () -> new OutOfMemoryError("a test's own"),
        () -> new NoClassDefFoundError("a test's own"),
        () -> new IllegalStateException("a test's own"),
        Checked::new);
  }

  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void raise(Throwable thrown) throws E {
    throw (E) thrown;
  }

  private Cancellation breaking(Throwable thrown) {
    return () -> {
      if (broken.get()) {
        BatchingErrorsTest.<RuntimeException>raise(thrown);
      }
      return false;
    };
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void what_a_waiting_cancellation_throws_gives_its_place_back(Supplier<Throwable> throwable)
      throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), ONE_WAITS);
    Throwable thrown = throwable.get();
    Caller first = running(append(1, 1));
    Caller waiting = queued(breaking(thrown), append(2, 1));
    broken.set(true);
    assertThat(waiting.join()).isSameAs(thrown);
    assertThat(waiting.session().length()).isZero();
    Caller next = queued(append(3, 1));
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> model.forward(List.of(append(4, 1)), Cancellation.none()));
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(next.join()).isNull();
    assertRight(next.batch.get(0));
    for (int i = 1; i < 4; i++) {
      Append later = append(i, 1);
      model.forward(List.of(later), Cancellation.none());
      assertRight(later);
    }
    assertThat(watched.passes)
        .containsExactly(List.of(1), List.of(3), List.of(1), List.of(2), List.of(3));
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void what_the_first_call_of_a_pass_throws_concerns_it_alone(Supplier<Throwable> throwable)
      throws InterruptedException {
    Throwable thrown = throwable.get();
    Caller before = running(append(1, 1));
    Caller first = queued(breaking(thrown), append(2, 1));
    Caller rider = queued(append(3, 2));
    watched.permits.release();
    watched.awaitPasses(2);
    broken.set(true);
    watched.free();
    assertThat(first.join()).isSameAs(thrown);
    assertThat(first.session().length()).isZero();
    assertThat(before.join()).isNull();
    assertThat(rider.join()).isNull();
    assertRight(rider.batch.get(0));
    assertThat(watched.passes).containsExactly(List.of(1), List.of(2, 3));
    model.forward(first.batch, Cancellation.none());
    assertRight(first.batch.get(0));
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void what_every_cancellation_of_a_pass_throws_goes_to_each_caller(Supplier<Throwable> throwable)
      throws InterruptedException {
    Throwable one = throwable.get();
    Throwable other = throwable.get();
    Caller before = running(append(1, 1));
    Caller first = queued(breaking(one), append(2, 1));
    Caller second = queued(breaking(other), append(3, 2));
    watched.permits.release();
    watched.awaitPasses(2);
    broken.set(true);
    watched.free();
    assertThat(before.join()).isNull();
    assertThat(first.join()).isSameAs(one);
    assertThat(second.join()).isSameAs(other);
    assertThat(first.session().length() + second.session().length()).isZero();
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void what_a_listener_throws_changes_nothing(Supplier<Throwable> throwable)
      throws InterruptedException {
    watched = new WatchedModel(ToyModel.info(SIZE, 100).build());
    model =
        LanguageModels.batching(
            watched,
            ONE_WAITS,
            new BatchingListener() {
              @Override
              public void onPass(int waiting, int sessions, int tokens, long nanos) {
                BatchingErrorsTest.<RuntimeException>raise(throwable.get());
              }

              @Override
              public void onRejection(int waiting) {
                BatchingErrorsTest.<RuntimeException>raise(throwable.get());
              }
            });
    Caller first = running(append(1, 1));
    Caller second = queued(append(2, 1));
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> model.forward(List.of(append(3, 1)), Cancellation.none()));
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(second.join()).isNull();
    assertRight(second.batch.get(0));
    Append later = append(4, 1);
    model.forward(List.of(later), Cancellation.none());
    assertRight(later);
  }

  @Test
  void a_leader_whose_stack_is_too_small_fails_alone() throws InterruptedException {
    open(
        ToyModel.info(SIZE, 100).build(),
        BatchingLimits.defaults().withTokens(30).withPrefillTokens(20));
    Caller before = running(append(1, 1));
    List<Caller> together =
        List.of(queued(append(2, 1)), queued(append(60, 1)), queued(append(3, 2)));
    AtomicReference<Thread> leader = new AtomicReference<>();
    watched.inspection =
        batch -> {
          if (batch.size() > 1 && leader.compareAndSet(null, Thread.currentThread())) {
            throw new StackOverflowError("a test's own");
          }
        };
    watched.free();
    assertThat(before.join()).isNull();
    int failed = 0;
    for (Caller caller : together) {
      Throwable thrown = caller.join();
      if (caller.thread == leader.get()) {
        assertThat(thrown).isInstanceOf(StackOverflowError.class);
        assertThat(caller.session().length()).isZero();
        failed++;
      } else {
        assertThat(thrown).isNull();
        assertRight(caller.batch.get(0));
      }
    }
    assertThat(failed).isEqualTo(1);
    assertThat(watched.passes.subList(0, 2)).containsExactly(List.of(1), List.of(2, 3, 20));
    // those that were put back keep their order
    List<Integer> again = new ArrayList<>(List.of(2, 3, 20));
    for (int i = 0; i < 3; i++) {
      if (together.get(i).thread == leader.get()) {
        again.remove(i == 0 ? 0 : i == 1 ? 2 : 1);
      }
    }
    assertThat(watched.passes.get(2)).isEqualTo(again);
  }
}

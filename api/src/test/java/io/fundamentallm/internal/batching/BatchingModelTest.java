package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.Session;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.Function;
import org.junit.jupiter.api.Test;

/** Who rides in which pass, and who is refused. */
class BatchingModelTest extends BatchingBench {
  private static final BatchingLimits LIMITS = BatchingLimits.defaults();

  @Test
  void a_lone_caller_runs_its_passes_itself_and_at_once() {
    watched.free();
    Session session = model.open();
    for (int i = 0; i < 50; i++) {
      session.append(new int[] {i}, new float[SIZE]);
    }
    assertThat(watched.passes).hasSize(50).containsOnly(List.of(1));
    assertThat(watched.leaders).containsOnly(Thread.currentThread());
  }

  @Test
  void those_who_come_during_a_pass_ride_together_in_the_next() throws InterruptedException {
    Caller first = running(append(2, 1));
    List<Caller> others = List.of(queued(append(3, 2)), queued(append(1, 1)), queued(append(4, 0)));
    watched.free();
    assertThat(first.join()).isNull();
    for (Caller other : others) {
      assertThat(other.join()).isNull();
      assertRight(other.batch.get(0));
    }
    assertThat(watched.passes).containsExactly(List.of(2), List.of(3, 1, 4));
  }

  @Test
  void a_call_of_several_appends_rides_as_one() throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller beams = queued(append(1, 1), append(2, 2), append(3, 3));
    Caller other = queued(append(4, 1));
    watched.free();
    assertThat(beams.join()).isNull();
    beams.batch.forEach(BatchingBench::assertRight);
    assertThat(other.join()).isNull();
    assertThat(first.join()).isNull();
    assertThat(watched.passes).containsExactly(List.of(1), List.of(1, 2, 3, 4));
  }

  @Test
  void what_the_model_would_refuse_is_refused_alone_and_before_any_pass()
      throws InterruptedException {
    Caller first = running(append(1, 1));
    Session closed = model.open();
    closed.close();
    Session full = model.open();
    assertBad(append(watched.open(), 1, 1), "its session belongs to another model");
    assertBad(
        Append.of(full, new int[] {1, SIZE}),
        "token 50 at index 1 is outside the vocabulary [0, 50)");
    assertBad(
        Append.of(full, new int[] {-1}), "token -1 at index 0 is outside the vocabulary [0, 50)");
    assertBad(
        Append.of(full, new int[] {1}, new float[SIZE - 1]), "a row of 49 logits, expected 50");
    assertBad(Append.of(full, new int[] {1}, (float[]) null), "a row of no logits, expected 50");
    assertBad(
        new Append(full, new int[] {1}, new float[0][], new float[1][5]),
        "a row of 5 hidden states, expected 4");
    Append twice = append(full, 1, 1);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> forward(twice, twice))
        .withMessage("append 1: its session is in the batch twice");
    assertImpossible(append(closed, 1, 1), "the session is closed");
    assertImpossible(append(full, 101, 0), "101 tokens do not fit: the session holds 0 of 100");
    assertImpossible(
        append(first.session(), 1, 1), "another thread is just appending to the session");
    assertThat(full.length()).isZero();
    watched.free();
    assertThat(first.join()).isNull();
    forward(twice);
    assertThat(watched.passes).containsExactly(List.of(1), List.of(1));
  }

  /** Misuse by the caller, whatever the state of the sessions. */
  private void assertBad(Append bad, String message) {
    assertThat(catchThrowable(() -> forward(append(1, 1), bad)))
        .isExactlyInstanceOf(IllegalArgumentException.class)
        .hasMessage("append 1: " + message);
  }

  /** What the state of a session does not allow. */
  private void assertImpossible(Append bad, String message) {
    assertThat(catchThrowable(() -> forward(append(1, 1), bad)))
        .isExactlyInstanceOf(IllegalStateException.class)
        .hasMessage("append 1: " + message);
  }

  private void forward(Append... batch) {
    model.forward(List.of(batch), Cancellation.none());
  }

  @Test
  void a_call_of_no_appends_runs_no_pass() {
    watched.free();
    forward();
    assertThat(watched.passes).isEmpty();
  }

  @Test
  void steps_ride_along_with_the_chunks_of_a_long_prompt() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withTokens(24).withPrefillTokens(20));
    Caller prompt = running(append(70, 35));
    Caller step = queued(append(1, 1));
    Caller second = queued(append(30, 2));
    watched.permits.release(2);
    assertThat(step.join()).isNull();
    assertRight(step.batch.get(0));
    watched.awaitPasses(3);
    assertThat(prompt.thread.isAlive()).isTrue();
    assertThat(prompt.session().length()).isEqualTo(40);
    watched.free();
    assertThat(prompt.join()).isNull();
    assertRight(prompt.batch.get(0));
    assertThat(second.join()).isNull();
    assertRight(second.batch.get(0));
    assertThat(watched.passes)
        .containsExactly(
            List.of(20), List.of(1, 20, 3), List.of(20, 4), List.of(10, 14), List.of(9));
  }

  @Test
  void hidden_rows_of_a_prompt_in_chunks_land_where_they_belong() {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withPrefillTokens(7));
    watched.free();
    int[] tokens = append(30, 0).tokens();
    float[][] expected = new float[16][4];
    watched.toy.forward(
        List.of(new Append(watched.open(), tokens, new float[0][], expected)), Cancellation.none());
    float[][] hidden = new float[16][4];
    Append append = new Append(model.open(), tokens, new float[9][SIZE], hidden);
    forward(append);
    assertThat(hidden).isDeepEqualTo(expected);
    assertRight(append);
  }

  @Test
  void a_prompt_does_not_starve_while_steps_keep_coming() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withAppends(1));
    Caller first = running(append(1, 1));
    List<Caller> others = new ArrayList<>(List.of(queued(append(17, 1))));
    for (int i = 0; i < 4; i++) {
      others.add(queued(append(2 + i, 1)));
    }
    watched.free();
    assertThat(first.join()).isNull();
    for (Caller other : others) {
      assertThat(other.join()).isNull();
      assertRight(other.batch.get(0));
    }
    assertThat(watched.passes)
        .containsExactly(List.of(1), List.of(2), List.of(17), List.of(3), List.of(4), List.of(5));
  }

  @Test
  void a_call_with_more_appends_than_a_pass_takes_is_spread() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withAppends(2));
    watched.free();
    List<Append> batch =
        List.of(append(1, 1), append(2, 1), append(3, 1), append(4, 1), append(5, 1));
    model.forward(batch, Cancellation.none());
    batch.forEach(BatchingBench::assertRight);
    assertThat(watched.passes).containsExactly(List.of(1, 2), List.of(3, 4), List.of(5));
  }

  @Test
  void where_nothing_can_be_truncated_a_call_is_never_spread() throws InterruptedException {
    open(
        ToyModel.info(SIZE, 100).capabilities(Capability.SHARED_FORK).build(),
        new BatchingLimits(10, 2, 4, 10));
    Caller first = running(append(1, 1));
    Caller prompt = queued(append(30, 30));
    Caller step = queued(append(2, 1));
    Caller beams = queued(append(2, 1), append(3, 1), append(4, 1));
    watched.free();
    for (Caller caller : List.of(first, prompt, step, beams)) {
      assertThat(caller.join()).isNull();
      caller.batch.forEach(BatchingBench::assertRight);
    }
    assertThat(watched.passes)
        .containsExactly(List.of(1), List.of(2), List.of(30), List.of(2, 3, 4));
  }

  @Test
  void too_many_callers_are_refused() throws InterruptedException {
    open(ToyModel.info(SIZE, 100).build(), LIMITS.withCallers(2));
    Caller first = running(append(1, 1));
    Caller second = queued(append(1, 1));
    Caller third = queued(append(1, 1));
    Append refused = append(1, 1);
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> forward(refused))
        .withMessage(
            "2 calls wait for a pass already, the most that BatchingLimits.callers allows: call"
                + " again later, or raise that limit");
    assertThat(refused.session().length()).isZero();
    watched.free();
    for (Caller caller : List.of(first, second, third)) {
      assertThat(caller.join()).isNull();
    }
    forward(refused);
    assertRight(refused);
  }

  @Test
  void closing_waits_for_the_pass_under_way_and_refuses_those_that_wait()
      throws InterruptedException {
    Caller first = running(append(1, 1));
    Caller waiting = queued(append(2, 1));
    // the pass has to be inside the toy, whose closing then waits for it
    Thread closer = new Thread(model::close);
    watched.inspection = batch -> {};
    closer.start();
    assertThat(waiting.join())
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the model is closed");
    watched.free();
    closer.join();
    first.join();
    assertThatIllegalStateException().isThrownBy(() -> forward(waiting.batch.get(0)));
    assertThatIllegalStateException().isThrownBy(() -> model.open());
    model.close();
  }

  @Test
  void limits_are_at_least_one() {
    assertThat(LIMITS).isEqualTo(new BatchingLimits(512, 64, 256, 1024));
    List<Function<Integer, BatchingLimits>> withers =
        List.of(
            LIMITS::withTokens,
            LIMITS::withAppends,
            LIMITS::withPrefillTokens,
            LIMITS::withCallers);
    for (Function<Integer, BatchingLimits> wither : withers) {
      assertThat(wither.apply(1)).isNotEqualTo(LIMITS);
      assertThatIllegalArgumentException()
          .isThrownBy(() -> wither.apply(0))
          .withMessageEndingWith("must be at least 1, but is 0");
    }
  }
}

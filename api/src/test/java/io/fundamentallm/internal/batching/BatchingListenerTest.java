package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Cancellation;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.RejectedExecutionException;
import org.junit.jupiter.api.Test;

/** What is told of passes and refusals. */
class BatchingListenerTest extends BatchingBench {
  private final List<List<Integer>> passes = new CopyOnWriteArrayList<>();
  private final List<Integer> rejections = new CopyOnWriteArrayList<>();
  private final List<Long> nanos = new CopyOnWriteArrayList<>();

  private void listen(BatchingLimits limits) {
    watched = new WatchedModel(ToyModel.info(SIZE, 100).build());
    model =
        LanguageModels.batching(
            watched,
            limits,
            new BatchingListener() {
              @Override
              public void onPass(int waiting, int sessions, int tokens, long lasted) {
                passes.add(List.of(waiting, sessions, tokens));
                nanos.add(lasted);
                throw new IllegalStateException("a test's own");
              }

              @Override
              public void onRejection(int waiting) {
                rejections.add(waiting);
                throw new AssertionError("a test's own");
              }
            });
  }

  @Test
  void each_pass_is_told_with_its_figures_and_what_the_listener_throws_hurts_nobody()
      throws InterruptedException {
    listen(BatchingLimits.defaults().withTokens(30).withPrefillTokens(20));
    Caller first = running(append(1, 1));
    Caller prompt = queued(append(50, 1));
    Caller beams = queued(append(2, 1), append(3, 1));
    List<Long> inside = new CopyOnWriteArrayList<>();
    watched.inspection = batch -> inside.add(spentHere());
    long begun = System.nanoTime();
    watched.free();
    for (Caller caller : List.of(first, prompt, beams)) {
      assertThat(caller.join()).isNull();
      caller.batch.forEach(BatchingBench::assertRight);
    }
    assertThat(passes)
        .containsExactlyInAnyOrder(
            List.of(2, 1, 1), List.of(1, 3, 25), List.of(1, 1, 20), List.of(0, 1, 10));
    // each pass lasted longer than a part of it, and all but the first began after the permits
    Collections.sort(nanos);
    Collections.sort(inside);
    for (int i = 0; i < 4; i++) {
      assertThat(nanos.get(i)).isGreaterThanOrEqualTo(inside.get(i));
    }
    assertThat(nanos.get(0) + nanos.get(1) + nanos.get(2)).isLessThan(System.nanoTime() - begun);
  }

  /** Spends some time, and tells how much. */
  private static long spentHere() {
    long begun = System.nanoTime();
    long spent;
    do {
      Thread.onSpinWait();
      spent = System.nanoTime() - begun;
    } while (spent < 100_000);
    return spent;
  }

  @Test
  void a_pass_that_failed_is_told_too() {
    listen(BatchingLimits.defaults());
    watched.free();
    watched.inspection =
        batch -> {
          throw new UnsupportedOperationException("broken");
        };
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> model.forward(List.of(append(2, 1)), Cancellation.none()));
    assertThat(passes).containsExactly(List.of(0, 1, 2));
  }

  @Test
  void a_refused_call_is_told() throws InterruptedException {
    listen(BatchingLimits.defaults().withCallers(1));
    Caller first = running(append(1, 1));
    Caller second = queued(append(1, 1));
    assertThatExceptionOfType(RejectedExecutionException.class)
        .isThrownBy(() -> model.forward(List.of(append(1, 1)), Cancellation.none()));
    assertThat(rejections).containsExactly(1);
    watched.free();
    assertThat(first.join()).isNull();
    assertThat(second.join()).isNull();
  }
}

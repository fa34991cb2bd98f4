package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.catchThrowable;
import static org.junit.jupiter.api.Assumptions.assumeFalse;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;

/** What a model refuses and that a call that throws changes nothing; cancelling and closing. */
abstract class ModelRefusals extends ModelBench {
  @Test
  void a_token_outside_the_vocabulary_is_refused() {
    for (int bad : new int[] {-1, model.info().vocabularySize(), Integer.MAX_VALUE}) {
      try (Session session = opened(tokens(2, 1))) {
        assertThat(refused(append(session, new int[] {0, bad}), session, tokens(2, 1)))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void a_session_with_too_little_room_is_refused() {
    int[] tokens = tokens(max() - 1, 1);
    try (Session session = opened(tokens)) {
      int count = model.info().contextLength() - tokens.length + 1;
      assertThat(refused(append(session, tokens(count, 2)), session, tokens))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void a_closed_session_is_refused() {
    Session closed = opened(tokens(2, 1));
    closed.close();
    assertThat(refused(append(closed, tokens(1, 1))))
        .isInstanceOf(IllegalStateException.class)
        .isNotInstanceOf(ClosedModelException.class);
    assertThatIllegalStateException().isThrownBy(() -> closed.append(tokens(1, 1)));
    assertThatIllegalStateException().isThrownBy(closed::fork);
    if (can(Capability.TRUNCATE)) {
      assertThatIllegalStateException().isThrownBy(() -> closed.truncate(0));
    }
    if (can(Capability.EVICT)) {
      assertThatIllegalStateException().isThrownBy(() -> closed.evict(0, 0));
    }
    closed.close();
  }

  @Test
  void a_session_of_another_model_is_refused() throws IOException {
    try (LanguageModel other = model();
        Session foreign = other.open()) {
      assertThat(refused(append(foreign, tokens(1, 1))))
          .isInstanceOf(IllegalArgumentException.class);
      assertThat(foreign.length()).isZero();
    }
  }

  @Test
  void a_session_named_twice_is_refused() {
    int[] tokens = tokens(2, 1);
    try (Session session = opened(tokens)) {
      Append append = append(session, tokens(1, 2));
      assertThatIllegalArgumentException().isThrownBy(() -> forward(append, append));
      assertHolds(session, tokens);
    }
  }

  @Test
  void a_row_of_the_wrong_length_is_refused() {
    int size = model.info().vocabularySize();
    int[] tokens = tokens(2, 1);
    for (int bad : new int[] {0, size - 1, size + 1}) {
      try (Session session = opened(tokens)) {
        assertThat(refused(append(session, tokens(1, 2), new float[bad]), session, tokens))
            .isInstanceOf(IllegalArgumentException.class);
      }
    }
  }

  @Test
  void hidden_states_are_refused_where_the_model_gives_none() {
    assumeFalse(can(Capability.HIDDEN_STATES), "the model gives hidden states");
    int[] tokens = tokens(2, 1);
    try (Session session = opened(tokens)) {
      float[][] hidden = new float[1][Math.max(1, model.info().hiddenSize())];
      Append append = new Append(session, tokens(1, 2), new float[0][], hidden);
      assertThat(refused(append, session, tokens)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void hidden_rows_of_the_wrong_length_are_refused() {
    assumeTrue(can(Capability.HIDDEN_STATES), "the model gives no hidden states");
    int[] tokens = tokens(2, 1);
    try (Session session = opened(tokens)) {
      float[][] hidden = new float[1][model.info().hiddenSize() + 1];
      Append append = new Append(session, tokens(1, 2), new float[0][], hidden);
      assertThat(refused(append, session, tokens)).isInstanceOf(IllegalArgumentException.class);
    }
  }

  @Test
  void a_cancelled_pass_leaves_every_session_as_it_was() {
    int[] tokens = tokens(max() / 2, 1);
    for (int asked = 0; asked < 4; asked++) {
      try (Session first = opened(tokens);
          Session second = opened(first(tokens, 1))) {
        AtomicInteger left = new AtomicInteger(asked);
        Cancellation cancellation = () -> left.getAndDecrement() <= 0;
        List<Append> batch =
            List.of(
                append(first, tokens(max() - tokens.length, 2), rows(1)),
                append(second, tokens(max() - 1, 3), rows(1)));
        Throwable thrown = catchThrowable(() -> model.forward(batch, cancellation));
        if (asked == 0) {
          assertThat(thrown).isInstanceOf(CancellationException.class);
        }
        if (thrown == null) {
          return; // the pass was over before it asked so often
        }
        assertThat(thrown).isInstanceOf(CancellationException.class);
        assertHolds(first, tokens);
        assertHolds(second, first(tokens, 1));
      }
    }
  }

  @Test
  void an_unfinished_prompt_can_be_read_again_after_it_was_cancelled() {
    int[] tokens = tokens(max(), 1);
    try (Session session = model.open()) {
      assertThatExceptionOfType(CancellationException.class)
          .isThrownBy(() -> model.forward(List.of(append(session, tokens)), () -> true));
      float[][] rows = rows(tokens.length);
      forward(append(session, tokens, rows));
      float[][] expected = whole(tokens);
      assertSame(rows[tokens.length - 1], expected[tokens.length - 1], "the last row");
    }
  }

  @Test
  void a_closed_model_refuses_everything() {
    Session session = opened(tokens(2, 1));
    Session ended = opened(tokens(2, 1));
    ended.close();
    model.close();
    model.close();
    assertClosed(model::open);
    assertClosed(() -> forward(append(session, tokens(1, 1))));
    assertClosed(() -> session.append(tokens(1, 1)));
    assertClosed(session::fork);
    if (can(Capability.TRUNCATE)) {
      assertClosed(() -> session.truncate(0));
    }
    assertClosed(ended::fork); // both are closed, and the model is what matters
    session.close();
  }

  private static void assertClosed(ThrowingCallable call) {
    assertThatExceptionOfType(ClosedModelException.class).isThrownBy(call);
  }

  @Test
  void closing_the_model_waits_for_passes_under_way() throws InterruptedException {
    AtomicReference<Throwable> ended = new AtomicReference<>();
    CountDownLatch running = new CountDownLatch(3);
    Thread reader =
        new Thread(
            () -> {
              try {
                while (true) {
                  opened(tokens(max(), 1)).close();
                  running.countDown();
                }
              } catch (RuntimeException | Error e) {
                ended.set(e);
              }
            });
    reader.start();
    assertThat(running.await(5, TimeUnit.MINUTES)).isTrue();
    model.close();
    reader.join(TimeUnit.MINUTES.toMillis(5));
    assertThat(ended.get()).isInstanceOf(ClosedModelException.class);
  }

  /** Runs a bad append behind a good one, and checks that neither session changed. */
  private Throwable refused(Append bad, Session session, int... held) {
    Throwable thrown = refused(bad);
    assertHolds(session, held);
    return thrown;
  }

  private Throwable refused(Append bad) {
    int[] tokens = tokens(3, 9);
    try (Session good = opened(tokens)) {
      Throwable thrown = catchThrowable(() -> forward(append(good, tokens(1, 8), rows(1)), bad));
      assertHolds(good, tokens);
      return thrown;
    }
  }
}

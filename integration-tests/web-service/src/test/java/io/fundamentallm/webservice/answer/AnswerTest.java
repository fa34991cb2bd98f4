package io.fundamentallm.webservice.answer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.fixtures.TinyChat;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Session;
import io.fundamentallm.webservice.answer.Answer.Piece;
import io.fundamentallm.webservice.error.ApiException;
import io.fundamentallm.webservice.request.AnswerPlan;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** What errors and the end of the time make of an answer. */
class AnswerTest {
  private static final Duration LONG = Duration.ofMinutes(2);

  private static LanguageModel model;

  @BeforeAll
  static void load() throws Exception {
    model = LanguageModels.load(TinyChat.longContext(), "cpu(threads=1)");
  }

  @AfterAll
  static void close() {
    model.close();
  }

  /** The model, which does something else when it is asked. */
  private record Failing(LanguageModel inner, Work work, AtomicInteger opened)
      implements LanguageModel {
    interface Work {
      void forward(Cancellation cancellation);
    }

    @Override
    public ModelInfo info() {
      return inner.info();
    }

    @Override
    public Session open() {
      opened.incrementAndGet();
      return inner.open();
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      work.forward(cancellation);
    }

    @Override
    public void close() {}
  }

  private static TextGenerator generator(LanguageModel of) throws Exception {
    return TextGenerator.of(Tokenizers.load(TinyChat.longContext()), of);
  }

  private static TextGenerator failing(Failing.Work work) throws Exception {
    return generator(new Failing(model, work, new AtomicInteger())).withoutBatching();
  }

  private static Answer answer(
      TextGenerator generator, boolean echo, @Nullable String constraint, Duration time) {
    AnswerPlan.Prompt prompt = AnswerPlan.Prompt.continued("I am", its -> its.tokens("I am"));
    return new Answer(
        new AnswerPlan(
            List.of(prompt, prompt),
            echo,
            generator.withMaxNewTokens(1),
            2,
            OptionalInt.of(0),
            false,
            false,
            constraint,
            OptionalInt.empty(),
            false,
            Map.of()),
        time,
        Runnable::run);
  }

  private static List<Piece> read(Answer answer) {
    List<Piece> pieces = new ArrayList<>();
    for (Piece piece = answer.next(); piece != null; piece = answer.next()) {
      pieces.add(piece);
    }
    return pieces;
  }

  @Test
  void a_text_that_cannot_go_on_is_the_clients_fault_where_he_has_a_constraint() throws Exception {
    for (IllegalStateException error :
        List.of(new ConstraintException("no token"), new NoTokenException("no token"))) {
      TextGenerator generator =
          failing(
              cancellation -> {
                throw error;
              });

      Answer unconstrained = answer(generator, false, null, LONG);
      assertThatThrownBy(unconstrained::next).isSameAs(error);
      assertThat(unconstrained.hasFailed()).isTrue();
      Answer constrained = answer(generator, false, "sampler", LONG);
      assertThatThrownBy(constrained::next)
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.status().value()).isEqualTo(400);
                assertThat(e.param()).isEqualTo("sampler");
                assertThat(e.text()).contains("no token");
              });
    }
  }

  @Test
  void any_other_error_is_never_the_clients_fault_and_opens_no_session() throws Exception {
    for (IllegalStateException error :
        List.of(
            new NotFiniteException("the logit of token 1 at position 2 is NaN"),
            new IllegalStateException("anything"))) {
      for (boolean echo : new boolean[] {false, true}) {
        AtomicInteger opened = new AtomicInteger();
        Failing failing =
            new Failing(
                model,
                cancellation -> {
                  throw error;
                },
                opened);
        Answer constrained = answer(generator(failing).withoutBatching(), echo, "sampler", LONG);
        assertThatThrownBy(constrained::next).isSameAs(error);
        assertThat(opened).as("sessions").hasValue(1);
      }
    }
  }

  @Test
  void a_full_cache_is_nobodys_fault() throws Exception {
    TextGenerator generator =
        failing(
            cancellation -> {
              throw new CacheFullException("full");
            });

    for (boolean echo : new boolean[] {false, true}) {
      Answer constrained = answer(generator, echo, "sampler", LONG);
      assertThatThrownBy(constrained::next)
          .isInstanceOfSatisfying(
              ApiException.class,
              e -> {
                assertThat(e.status().value()).isEqualTo(503);
                assertThat(e.code()).isEqualTo("cache_full");
              });
    }
  }

  @Test
  void nor_is_a_model_that_was_closed() throws Exception {
    TextGenerator closed = generator(LanguageModels.load(TinyChat.longContext(), "cpu(threads=1)"));
    closed.close();

    Answer constrained = answer(closed, false, "sampler", LONG);

    assertThatThrownBy(constrained::next)
        .isInstanceOfSatisfying(
            ApiException.class, e -> assertThat(e.status().value()).isEqualTo(503));
  }

  @Test
  void prompts_for_which_no_time_is_left_are_told() throws Exception {
    Answer late = answer(generator(model), true, null, Duration.ZERO);

    assertThat(read(late))
        .hasSize(4)
        .allMatch(piece -> piece.finish() == FinishReason.TIME_LIMIT)
        .allMatch(piece -> piece.text().isEmpty() && piece.tokens().isEmpty())
        .extracting(Piece::choice)
        .containsExactly(0, 1, 2, 3);
    assertThat(late.isComplete()).isTrue();
    assertThat(late.promptTokens()).isZero();
  }

  @Test
  void scoring_ends_when_the_time_is_up() throws Exception {
    TextGenerator endless =
        failing(
            cancellation -> {
              while (!cancellation.isCancelled()) {
                Thread.onSpinWait();
              }
              cancellation.throwIfCancelled();
            });

    Answer late = answer(endless, true, null, Duration.ofMillis(1));

    assertThat(read(late)).hasSize(4).allMatch(piece -> piece.finish() == FinishReason.TIME_LIMIT);
    assertThat(late.hasFailed()).isFalse();
  }

  @Test
  void hanging_up_while_a_prompt_is_scored_is_no_failure() throws Exception {
    Answer[] one = new Answer[1];
    TextGenerator hangingUp =
        failing(
            cancellation -> {
              one[0].close();
              cancellation.throwIfCancelled();
            });
    one[0] = answer(hangingUp, true, null, LONG);

    assertThat(one[0].next()).isNull();
    assertThat(one[0].hasFailed()).isFalse();
    assertThat(one[0].isComplete()).isFalse();
  }

  @Test
  void hanging_up_while_a_prompt_is_read_ends_the_pass() throws Exception {
    Answer[] one = new Answer[1];
    AtomicBoolean ended = new AtomicBoolean();
    TextGenerator hangingUp =
        failing(
            cancellation -> {
              one[0].close();
              ended.set(cancellation.isCancelled());
              cancellation.throwIfCancelled();
            });
    one[0] = answer(hangingUp, false, null, LONG);

    assertThat(one[0].next()).isNull();
    assertThat(ended).isTrue();
    assertThat(one[0].hasFailed()).isFalse();
  }
}

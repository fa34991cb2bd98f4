package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuLanguageModelTest {
  private static final TrainableConfig CONFIG = RandomGpt2.CONFIG;

  private static int[] tokens(int count, long seed) {
    return new Random(seed).ints(count, 0, CONFIG.vocabularySize()).toArray();
  }

  private static float[][] rows(int count) {
    return new float[count][CONFIG.vocabularySize()];
  }

  @Test
  void logits_are_those_of_a_plain_double_precision_forward_pass() {
    int[] tokens = tokens(CONFIG.contextLength(), 1);
    double[][] expected = new PlainGpt2(CONFIG, RandomGpt2.parameters(CONFIG, 5)).logits(tokens);
    float[][] actual = rows(tokens.length);
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 2);
        Session session = model.open()) {
      session.append(tokens, actual);
    }
    for (int i = 0; i < tokens.length; i++) {
      for (int v = 0; v < CONFIG.vocabularySize(); v++) {
        assertThat((double) actual[i][v]).isCloseTo(expected[i][v], within(1e-4));
      }
    }
  }

  @Test
  void one_thread_and_three_give_the_same_bits() {
    int[] tokens = tokens(CONFIG.contextLength(), 2);
    float[][] one = rows(tokens.length);
    float[][] three = rows(tokens.length);
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 1)) {
      model.open().append(tokens, one);
    }
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 3)) {
      model.open().append(tokens, three);
    }
    assertThat(three).isDeepEqualTo(one);
  }

  @Test
  void more_rows_than_one_pass_takes_are_computed_in_several() {
    List<Append> batch = new ArrayList<>();
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 2)) {
      for (int i = 0; i < 9; i++) {
        int[] tokens = tokens(CONFIG.contextLength() - i, i);
        batch.add(Append.of(model.open(), tokens, rows(tokens.length)));
      }
      model.forward(batch, Cancellation.none());
      for (Append append : batch) {
        float[][] alone = rows(append.tokens().length);
        model.open().append(append.tokens(), alone);
        assertThat(append.logits()).isDeepEqualTo(alone);
      }
    }
  }

  @Test
  void hidden_states_times_the_embedding_are_the_logits() {
    int[] tokens = tokens(40, 3);
    float[][] logits = rows(2);
    float[][] hidden = new float[3][CONFIG.hiddenSize()];
    float[] parameters = RandomGpt2.parameters(CONFIG, 5);
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 2);
        Session session = model.open()) {
      model.forward(List.of(new Append(session, tokens, logits, hidden)), Cancellation.none());
    }
    for (int row = 0; row < 2; row++) {
      for (int v = 0; v < CONFIG.vocabularySize(); v++) {
        double sum = 0;
        for (int c = 0; c < CONFIG.hiddenSize(); c++) {
          sum += hidden[row + 1][c] * parameters[v * CONFIG.hiddenSize() + c];
        }
        assertThat((double) logits[row][v]).isCloseTo(sum, within(1e-4));
      }
    }
  }

  @Test
  void refusals_say_which_append_what_was_expected_and_what_came() {
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 1);
        LanguageModel other = RandomGpt2.model(CONFIG, Kernels.best(), 1);
        Session session = model.open();
        Session good = model.open()) {
      Append[] bad = {
        Append.of(other.open(), new int[] {1}),
        Append.of(good, new int[] {1}),
        Append.of(session, new int[] {1, 37}),
        Append.of(session, new int[71]),
        Append.of(session, new int[] {1}, new float[36]),
        new Append(session, new int[] {1}, new float[0][], new float[1][25])
      };
      String[] messages = {
        "append 1: its session belongs to another model",
        "append 1: its session is in the batch twice",
        "append 1: token 37 at index 1 is outside the vocabulary [0, 37)",
        "append 1: 71 tokens do not fit: the session holds 0 of 70",
        "append 1: a row of 36 logits, expected 37",
        "append 1: a row of 25 hidden states, expected 24"
      };
      for (int i = 0; i < bad.length; i++) {
        List<Append> batch = List.of(Append.of(good, new int[] {1}), bad[i]);
        assertThatThrownBy(() -> model.forward(batch, Cancellation.none())).hasMessage(messages[i]);
      }
    }
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 4})
  void cancelling_anywhere_in_a_long_prompt_leaves_the_session_as_it_was(int checks) {
    int[] past = tokens(33, 4);
    int[] more = tokens(30, 5);
    AtomicInteger asked = new AtomicInteger();
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 2);
        Session session = model.open()) {
      session.append(past);
      Session fork = session.fork();
      List<Append> batch = List.of(Append.of(session, more, rows(30)));
      boolean cancelled = false;
      try {
        model.forward(batch, () -> asked.incrementAndGet() > checks);
      } catch (CancellationException e) {
        cancelled = true;
      }
      // asked once before the pass and once for each of the two layers
      assertThat(cancelled).isEqualTo(checks < 3);
      assertThat(session.length()).isEqualTo(cancelled ? 33 : 63);
      session.truncate(33);
      float[][] after = rows(30);
      float[][] forked = rows(30);
      session.append(more, after);
      fork.append(more, forked);
      assertThat(after).isDeepEqualTo(forked);
    }
  }

  @Test
  void forks_that_write_into_the_same_block_do_not_disturb_each_other() {
    Random random = new Random(6);
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 2)) {
      List<Session> sessions = new ArrayList<>(List.of(model.open()));
      List<List<Integer>> texts = new ArrayList<>(List.of(new ArrayList<>()));
      for (int step = 0; step < 400; step++) {
        int i = random.nextInt(sessions.size());
        Session session = sessions.get(i);
        List<Integer> text = texts.get(i);
        int action = random.nextInt(10);
        if (action == 0 && sessions.size() < 12) {
          sessions.add(session.fork());
          texts.add(new ArrayList<>(text));
        } else if (action == 1 && sessions.size() > 1) {
          sessions.remove(i).close();
          texts.remove(i);
        } else if (action == 2 && !text.isEmpty()) {
          int kept = random.nextInt(text.size());
          session.truncate(kept);
          text.subList(kept, text.size()).clear();
        } else if (session.remaining() > 0) {
          int[] tokens = tokens(1 + random.nextInt(Math.min(9, session.remaining())), step);
          float[][] logits = rows(1);
          session.append(tokens, logits);
          for (int token : tokens) {
            text.add(token);
          }
          float[][] fresh = rows(1);
          model.open().append(text.stream().mapToInt(Integer::intValue).toArray(), fresh);
          assertThat(logits).as("step %d", step).isDeepEqualTo(fresh);
        }
      }
    }
  }

  @Test
  void who_waits_for_another_pass_may_be_cancelled_by_an_interrupt() throws InterruptedException {
    CountDownLatch inPass = new CountDownLatch(1);
    CountDownLatch mayGoOn = new CountDownLatch(1);
    AtomicInteger asked = new AtomicInteger();
    try (LanguageModel model = RandomGpt2.model(CONFIG, Kernels.best(), 1)) {
      Cancellation holding =
          () -> {
            if (asked.incrementAndGet() == 1) {
              return false; // before the pass
            }
            inPass.countDown();
            return !awaited(mayGoOn);
          };
      Append held = Append.of(model.open(), tokens(1, 1));
      Thread first = new Thread(() -> model.forward(List.of(held), holding));
      AtomicReference<Throwable> thrown = new AtomicReference<>();
      AtomicBoolean flagged = new AtomicBoolean();
      Append late = Append.of(model.open(), tokens(1, 2));
      Thread waiting =
          new Thread(
              () -> {
                try {
                  model.forward(List.of(late), Thread.currentThread()::isInterrupted);
                } catch (CancellationException e) {
                  thrown.set(e);
                }
                flagged.set(Thread.currentThread().isInterrupted());
              });
      first.start();
      inPass.await();
      waiting.start();
      while (waiting.getState() != Thread.State.TIMED_WAITING) {
        Thread.onSpinWait();
      }
      waiting.interrupt();
      waiting.join(TimeUnit.MINUTES.toMillis(10));
      boolean waits = waiting.isAlive();
      mayGoOn.countDown();
      first.join();
      waiting.join();
      assertThat(waits).isFalse();
      assertThat(thrown.get()).isInstanceOf(CancellationException.class);
      assertThat(flagged).isTrue();
    }
  }

  private static boolean awaited(CountDownLatch latch) {
    try {
      latch.await();
      return true;
    } catch (InterruptedException e) {
      return false;
    }
  }
}

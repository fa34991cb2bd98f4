package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.internal.batching.BatchingModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.LanguageModel;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.CyclicBarrier;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A generator and its many callers. */
class TextGeneratorBatchingTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  private final ToyModel toy = toy();
  private final TextGenerator generator =
      TextGenerator.of(BYTES, toy, Registry.of()).withSeed(3).withMaxNewTokens(12);

  private static ToyModel toy() {
    return new ToyModel(ToyModel.info(258, 64).build(), ToyModel.hashing());
  }

  private static List<String> prompts(int count) {
    return IntStream.range(0, count).mapToObj(i -> "prompt " + i % 5).toList();
  }

  /** One after the other, on a model that does not batch. */
  private static List<String> alone(List<String> prompts) {
    TextGenerator plain =
        TextGenerator.of(BYTES, toy(), Registry.of())
            .withoutBatching()
            .withSeed(3)
            .withMaxNewTokens(12);
    List<String> texts = new ArrayList<>();
    for (int i = 0; i < prompts.size(); i++) {
      int sequence = i;
      texts.add(plain.with(o -> o.sequence(sequence)).generate(prompts.get(i)));
    }
    return texts;
  }

  @Test
  void the_model_batches_and_is_otherwise_the_given_one() {
    assertThat(generator.model()).isInstanceOf(BatchingModel.class);
    assertThat(generator.model().info()).isSameAs(toy.info());
    assertThat(generator.withoutBatching().model()).isSameAs(toy);
    assertThat(generator.withoutBatching().withoutBatching().model()).isSameAs(toy);
    LanguageModel own = LanguageModels.batching(toy, BatchingLimits.defaults().withCallers(7));
    assertThat(TextGenerator.of(BYTES, own, Registry.of()).model()).isSameAs(own);
  }

  @Test
  void other_limits_and_a_listener_can_be_given() {
    AtomicInteger tokens = new AtomicInteger();
    TextGenerator observed =
        generator.withBatching(
            BatchingLimits.defaults().withPrefillTokens(4),
            new BatchingListener() {
              @Override
              public void onPass(int waiting, int sessions, int read, long nanos) {
                tokens.addAndGet(read);
              }
            });
    assertThat(observed.generate("a")).isEqualTo(generator.generate("a"));
    assertThat(tokens).hasValue(2 + 11); // the last token is never read
    assertThat(observed.withoutBatching().model()).isSameAs(toy);
  }

  @Test
  void closing_any_copy_closes_the_model_for_all() {
    generator.withSampler("greedy").close();
    assertThatIllegalStateException().isThrownBy(() -> generator.generate("a"));
    assertThatIllegalStateException().isThrownBy(() -> generator.withoutBatching().generate("a"));
    assertThatIllegalStateException().isThrownBy(toy::open);
  }

  @Test
  void scores_with_its_model_are_those_of_the_model_itself() {
    assertThat(TextScorer.of(BYTES, generator.model()).score("It is a truth"))
        .isEqualTo(TextScorer.of(BYTES, toy).score("It is a truth"));
  }

  @Test
  void a_consumer_gets_the_pieces_and_may_end_it_by_throwing() {
    List<String> pieces = new ArrayList<>();
    String text = generator.generate("It is", pieces::add);
    assertThat(text).isEqualTo(generator.generate("It is"));
    assertThat(String.join("", pieces)).isEqualTo(text);
    assertThat(pieces).hasSizeGreaterThan(1).doesNotContain("");
    long before = toy.computed();
    assertThatIllegalStateException()
        .isThrownBy(
            () ->
                generator.generate(
                    "It is",
                    piece -> {
                      throw new IllegalStateException("enough");
                    }))
        .withMessage("enough");
    assertThat(toy.computed() - before).isLessThan(4 + 12);
    assertThat(toy.openSessions()).isZero();
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(
            () -> generator.with(o -> o.cancellation(() -> true)).generate("a", pieces::add));
  }

  @Test
  void prompts_together_give_the_texts_of_one_after_the_other() {
    List<String> prompts = prompts(40);
    assertThat(generator.generateAll(prompts)).isEqualTo(alone(prompts));
    assertThat(generator.withoutBatching().generateAll(prompts)).isEqualTo(alone(prompts));
    assertThat(generator.generateAll(List.of())).isEmpty();
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void prompts_are_read_together_by_no_more_than_the_limits_allow_on_threads_that_end() {
    Set<Thread> threads = ConcurrentHashMap.newKeySet();
    CyclicBarrier all = new CyclicBarrier(16);
    ToyModel met =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            (tokens, length, row) -> ToyModel.hashing().score(tokens, length, row));
    Recipe<Sampler> meeting =
        binding -> {
          threads.add(Thread.currentThread());
          try {
            all.await(); // sixteen are there at the same time, or this would not end
          } catch (Exception e) {
            throw new IllegalStateException(e);
          }
          return step -> step.logits().maximumIndex();
        };
    TextGenerator together = TextGenerator.of(BYTES, met, Registry.of()).withMaxNewTokens(3);
    together.with(o -> o.sampler(meeting)).generateAll(prompts(48));
    assertThat(threads).hasSize(16).contains(Thread.currentThread());
    assertThat(threads).allMatch(thread -> thread == Thread.currentThread() || !thread.isAlive());

    threads.clear();
    Recipe<Sampler> noting =
        binding -> {
          threads.add(Thread.currentThread());
          return step -> step.logits().maximumIndex();
        };
    TextGenerator noted = together.with(o -> o.sampler(noting));
    noted.withoutBatching().generateAll(prompts(20));
    noted.with(o -> o.trace((position, token, stages) -> {})).generateAll(prompts(20));
    noted
        .withBatching(BatchingLimits.defaults().withAppends(1), BatchingListener.none())
        .generateAll(prompts(20));
    assertThat(threads).containsExactly(Thread.currentThread());
    noted
        .withBatching(BatchingLimits.defaults().withCallers(3), BatchingListener.none())
        .generateAll(prompts(20));
    assertThat(threads).hasSizeBetween(1, 3);
  }

  @Test
  void the_failure_is_the_one_that_came_first_in_the_list() {
    // the long prompts fail at once, and the one before them much later
    TextGenerator endless =
        generator
            .withMaxNewTokens(1000)
            .with(options -> options.contextPolicy(ContextPolicy.error()));
    List<String> prompts = List.of("a", "b".repeat(70), "c".repeat(80), "d");
    assertThatIllegalStateException()
        .isThrownBy(() -> endless.generateAll(prompts))
        .withMessageContaining("the context of 64 tokens is full: 65 are needed");
    List<String> second = List.of("b".repeat(69), "c".repeat(80));
    assertThatIllegalStateException()
        .isThrownBy(() -> endless.generateAll(second))
        .withMessageContaining("70 are needed");
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void cancelled_prompts_all_end() {
    AtomicBoolean cancelled = new AtomicBoolean();
    ToyModel slow =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            ToyModel.hashing(),
            (position, cancellation) -> cancelled.set(position > 20));
    TextGenerator cut =
        TextGenerator.of(BYTES, slow, Registry.of())
            .withMaxNewTokens(50)
            .with(o -> o.cancellation(cancelled::get));
    assertThatExceptionOfType(CancellationException.class)
        .isThrownBy(() -> cut.generateAll(prompts(20)));
    assertThat(slow.openSessions()).isZero();
  }

  @Test
  void an_interrupt_may_be_the_cancellation_and_is_kept() throws InterruptedException {
    CountDownLatch generating = new CountDownLatch(1);
    ToyModel endless =
        new ToyModel(
            ToyModel.info(258, 64).build(),
            ToyModel.hashing(),
            (position, cancellation) -> {
              if (position > 3) {
                generating.countDown();
                while (!cancellation.isCancelled()) {
                  Thread.onSpinWait();
                }
              }
            });
    AtomicBoolean kept = new AtomicBoolean();
    List<Throwable> thrown = new ArrayList<>();
    Thread caller =
        new Thread(
            () -> {
              try {
                TextGenerator.of(BYTES, endless, Registry.of())
                    .with(o -> o.cancellation(Thread.currentThread()::isInterrupted))
                    .generateAll(List.of("a", "b", "c"));
              } catch (CancellationException e) {
                thrown.add(e);
              }
              kept.set(Thread.currentThread().isInterrupted());
            });
    caller.start();
    assertThat(generating.await(5, TimeUnit.MINUTES)).isTrue();
    caller.interrupt();
    caller.join(300_000);
    assertThat(caller.isAlive()).isFalse();
    assertThat(thrown).hasSize(1);
    assertThat(kept).isTrue();
    assertThat(endless.openSessions()).isZero();
  }
}

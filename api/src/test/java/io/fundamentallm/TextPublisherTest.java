package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.Generation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Text for subscribers; on the calling thread, so that what was computed when is plain. */
class TextPublisherTest {
  private static final Executor HERE = Runnable::run;

  private final ToyModel toy = new ToyModel(ToyModel.info(258, 400).build(), ToyModel.hashing());
  private final TextGenerator generator =
      TextGenerator.of(ByteTokenizer.withBeginAndEnd(), toy, Registry.of())
          .withSeed(5)
          .withMaxNewTokens(40);

  /** Writes down what it hears. */
  private static class Listener implements Flow.Subscriber<String> {
    final List<String> pieces = new ArrayList<>();
    final CountDownLatch over = new CountDownLatch(1);
    Flow.@Nullable Subscription subscription;
    volatile @Nullable Throwable failure;
    volatile boolean complete;

    @Override
    public void onSubscribe(Flow.Subscription subscription) {
      this.subscription = subscription;
    }

    @Override
    public void onNext(String piece) {
      assertThat(over.getCount()).isEqualTo(1);
      pieces.add(piece);
    }

    @Override
    public void onError(Throwable failure) {
      assertThat(over.getCount()).isEqualTo(1);
      this.failure = failure;
      over.countDown();
    }

    @Override
    public void onComplete() {
      assertThat(over.getCount()).isEqualTo(1);
      complete = true;
      over.countDown();
    }

    void request(long count) {
      assertThat(subscription).isNotNull();
      subscription.request(count);
    }

    String text() {
      return String.join("", pieces);
    }
  }

  private Listener subscribe(TextGenerator generator) {
    Listener listener = new Listener();
    generator.publish("It is", HERE).subscribe(listener);
    return listener;
  }

  @Test
  void nothing_is_computed_without_demand_and_no_more_than_a_piece_for_each() {
    List<String> pieces = new ArrayList<>();
    List<Long> computed = new ArrayList<>();
    try (Generation generation = generator.tokens("It is")) {
      while (generation.hasNext()) {
        String piece = generation.next().text();
        if (!piece.isEmpty()) {
          pieces.add(piece);
          computed.add(toy.computed());
        }
      }
    }
    long before = toy.computed();
    Listener listener = subscribe(generator);
    assertThat(toy.computed()).isEqualTo(before);
    assertThat(toy.openSessions()).isZero();
    for (int i = 0; i < pieces.size(); i++) {
      listener.request(1);
      assertThat(listener.pieces).isEqualTo(pieces.subList(0, i + 1));
      assertThat(toy.computed() - before).isEqualTo(computed.get(i));
    }
  }

  @Test
  void every_subscription_is_a_generation_of_its_own_and_gets_the_whole_text() {
    String text = generator.generate("It is");
    Listener first = subscribe(generator);
    Listener second = subscribe(generator);
    first.request(2);
    second.request(Long.MAX_VALUE);
    first.request(Long.MAX_VALUE);
    first.request(Long.MAX_VALUE);
    assertThat(first.text()).isEqualTo(text);
    assertThat(second.text()).isEqualTo(text);
    assertThat(first.complete && second.complete).isTrue();
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void the_end_comes_with_the_last_piece_where_that_is_known() {
    ToyModel letters = new ToyModel(ToyModel.info(256, 99).build(), ToyModel.scripted(1, 'a'));
    TextGenerator three =
        TextGenerator.of(ByteTokenizer.plain(), letters, Registry.of()).withMaxNewTokens(3);
    Listener listener = new Listener();
    three.publish("x", HERE).subscribe(listener);
    listener.request(2);
    assertThat(listener.complete).isFalse();
    listener.request(1);
    assertThat(listener.complete).isTrue();
    assertThat(listener.pieces).containsExactly("a", "a", "a");
    Listener none = new Listener();
    three.withMaxNewTokens(0).publish("x", HERE).subscribe(none);
    none.request(1);
    assertThat(none.complete).isTrue();
    assertThat(none.pieces).isEmpty();
  }

  @Test
  void less_than_one_is_an_error_and_ends_the_generation() {
    for (long count : new long[] {0, -1, Long.MIN_VALUE}) {
      Listener listener = subscribe(generator);
      listener.request(1);
      listener.request(count);
      assertThat(listener.failure)
          .isInstanceOf(IllegalArgumentException.class)
          .hasMessage("request(" + count + "): expected at least 1 (Reactive Streams, rule 3.9)");
      assertThat(toy.openSessions()).isZero();
      long computed = toy.computed();
      listener.request(1);
      assertThat(toy.computed()).isEqualTo(computed);
    }
  }

  @Test
  void cancelling_frees_the_session_at_once_and_nothing_is_heard_any_more() {
    Listener listener = subscribe(generator);
    listener.request(3);
    assertThat(toy.openSessions()).isEqualTo(1);
    assertThat(listener.subscription).isNotNull();
    listener.subscription.cancel();
    listener.subscription.cancel();
    assertThat(toy.openSessions()).isZero();
    listener.request(5);
    listener.request(-5);
    assertThat(listener.pieces).hasSize(3);
    assertThat(listener.over.getCount()).isEqualTo(1);
  }

  @Test
  void cancelling_from_another_thread_ends_a_pass_under_way() throws InterruptedException {
    CountDownLatch inside = new CountDownLatch(1);
    ToyModel slow =
        new ToyModel(
            ToyModel.info(258, 400).build(),
            ToyModel.hashing(),
            (position, cancellation) -> {
              inside.countDown();
              while (!cancellation.isCancelled()) {
                Thread.onSpinWait();
              }
            });
    ExecutorService threads = Executors.newSingleThreadExecutor();
    try {
      Listener listener = new Listener();
      TextGenerator.of(ByteTokenizer.withBeginAndEnd(), slow, Registry.of())
          .publish("It is", threads)
          .subscribe(listener);
      listener.request(1);
      inside.await();
      assertThat(listener.subscription).isNotNull();
      listener.subscription.cancel();
    } finally {
      threads.shutdown();
      assertThat(threads.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
    }
    assertThat(slow.openSessions()).isZero();
  }

  @Test
  void a_subscriber_may_ask_and_cancel_in_between_without_any_recursion() {
    Listener oneByOne =
        new Listener() {
          private int depth;

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            super.onSubscribe(subscription);
            subscription.request(1);
            assertThat(pieces).isEmpty();
          }

          @Override
          public void onNext(String piece) {
            assertThat(depth++).isZero();
            super.onNext(piece);
            request(1);
            depth--;
          }
        };
    generator.publish("It is", HERE).subscribe(oneByOne);
    assertThat(oneByOne.complete).isTrue();
    assertThat(oneByOne.text()).isEqualTo(generator.generate("It is"));
    Listener brief =
        new Listener() {
          @Override
          public void onNext(String piece) {
            super.onNext(piece);
            assertThat(subscription).isNotNull();
            subscription.cancel();
          }
        };
    generator.publish("It is", HERE).subscribe(brief);
    brief.request(Long.MAX_VALUE);
    assertThat(brief.pieces).hasSize(1);
    assertThat(brief.complete).isFalse();
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void failures_are_signalled() {
    Listener full =
        subscribe(
            generator
                .withMaxNewTokens(1000)
                .with(options -> options.contextPolicy(ContextPolicy.error())));
    full.request(Long.MAX_VALUE);
    assertThat(full.failure)
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("the context of 400 tokens is full");
    AtomicBoolean cancelled = new AtomicBoolean();
    Listener cut = subscribe(generator.with(o -> o.cancellation(cancelled::get)));
    cut.request(2);
    cancelled.set(true);
    cut.request(1);
    assertThat(cut.failure).isInstanceOf(CancellationException.class);
    assertThat(cut.pieces).hasSize(2);
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void an_executor_that_refuses_is_a_failure() {
    Listener listener = new Listener();
    generator
        .publish(
            "It is",
            run -> {
              throw new RejectedExecutionException("full");
            })
        .subscribe(listener);
    assertThat(listener.failure).isNull();
    listener.request(1);
    assertThat(listener.failure).isInstanceOf(RejectedExecutionException.class).hasMessage("full");
    listener.request(1);
  }

  @Test
  void a_subscriber_that_throws_is_cancelled_and_heard_of() {
    Listener broken =
        new Listener() {
          @Override
          public void onNext(String piece) {
            throw new IllegalStateException("a test's own");
          }
        };
    generator.publish("It is", HERE).subscribe(broken);
    assertThatIllegalStateException()
        .isThrownBy(() -> broken.request(1))
        .withMessage("a test's own");
    assertThat(toy.openSessions()).isZero();
    broken.request(1);
    assertThat(broken.over.getCount()).isEqualTo(1);
  }

  @Test
  void a_bad_prompt_is_refused_before_anybody_subscribes() {
    assertThatNullPointerException()
        .isThrownBy(() -> generator.publish(null))
        .withMessage("prompt");
    TextGenerator plain = TextGenerator.of(ByteTokenizer.plain(), toy, Registry.of());
    assertThatIllegalArgumentException().isThrownBy(() -> plain.publish(""));
    assertThatNullPointerException()
        .isThrownBy(() -> generator.publish("x").subscribe(null))
        .withMessage("subscriber");
  }

  @Test
  void by_default_it_runs_on_a_daemon_thread_that_ends_with_the_demand() throws Exception {
    Thread[] seen = new Thread[1];
    Listener listener =
        new Listener() {
          @Override
          public void onNext(String piece) {
            seen[0] = Thread.currentThread();
            super.onNext(piece);
          }
        };
    generator.publish("It is").subscribe(listener);
    listener.request(Long.MAX_VALUE);
    assertThat(listener.over.await(5, TimeUnit.MINUTES)).isTrue();
    assertThat(listener.text()).isEqualTo(generator.generate("It is"));
    assertThat(seen[0].isDaemon()).isTrue();
    seen[0].join(300_000);
    assertThat(seen[0].isAlive()).isFalse();
  }
}

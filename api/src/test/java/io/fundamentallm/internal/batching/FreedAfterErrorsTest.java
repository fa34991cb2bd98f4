package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.Decoders;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What an error leaves behind: no session, no place, no thread, and nobody who waits for ever. */
class FreedAfterErrorsTest {
  private static AssertionError error() {
    return new AssertionError("a test's own");
  }

  @ParameterizedTest
  @ValueSource(strings = {"sampling", "sampling(n=3)", "sampling(best-of=3,n=2)"})
  void a_generation_that_met_an_error_has_failed_and_holds_no_session(String decoder) {
    for (int at : List.of(0, 2, 5, 6, 8)) {
      ToyModel model =
          new ToyModel(
              ToyModel.info(50, 64).build(),
              ToyModel.hashing(),
              (position, cancellation) -> {
                if (position == at) {
                  throw error();
                }
              });
      Generation generation =
          Decoders.parse(decoder)
              .decode(model, new int[] {1, 2, 3, 4, 5}, DecodingOptions.builder().seed(1).build());
      Throwable thrown = thrownBy(() -> generation.forEachRemaining(token -> {}));
      assertThat(thrown).isInstanceOf(AssertionError.class).hasMessage("a test's own");
      long asked = model.forwards();
      assertThatThrownBy(generation::hasNext).isSameAs(thrown);
      assertThatThrownBy(generation::next).isSameAs(thrown);
      assertThatThrownBy(generation::finishReason)
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("failed")
          .hasCause(thrown);
      assertThat(model.forwards()).isEqualTo(asked);
      assertThat(model.openSessions()).isZero();
      generation.close();
    }
  }

  private static @Nullable Throwable thrownBy(Runnable action) {
    try {
      action.run();
      return null;
    } catch (RuntimeException | Error e) {
      return e;
    }
  }

  @Test
  void a_cancellation_that_throws_an_error_ends_its_generation_and_no_other() {
    ToyModel toy = new ToyModel(ToyModel.info(258, 400).build(), ToyModel.hashing());
    TextGenerator generator =
        TextGenerator.of(ByteTokenizer.withBeginAndEnd(), toy, Registry.of())
            .withBatching(BatchingLimits.defaults().withCallers(1), BatchingListener.none())
            .withSeed(5)
            .withMaxNewTokens(10);
    String text = generator.generate("a");
    for (int calls = 1; calls < 12; calls++) {
      AtomicInteger left = new AtomicInteger(calls);
      TextGenerator breaking =
          generator.with(
              options ->
                  options.cancellation(
                      () -> {
                        if (left.decrementAndGet() == 0) {
                          throw error();
                        }
                        return false;
                      }));
      assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> breaking.generate("a"));
      assertThat(toy.openSessions()).isZero();
      assertThat(generator.generate("a")).isEqualTo(text);
    }
    generator.close();
  }

  @Test
  void a_cancellation_that_throws_while_threads_are_awaited_leaves_none_behind() {
    CountDownLatch writing = new CountDownLatch(1);
    CountDownLatch written = new CountDownLatch(1);
    AtomicInteger under = new AtomicInteger();
    Thread caller = Thread.currentThread();
    Cancellation cancellation =
        () -> {
          if (Thread.currentThread() == caller && caller.isInterrupted()) {
            throw error();
          }
          return false;
        };
    PromptThreads threads =
        new PromptThreads(
            2,
            cancellation,
            (index, cancelled) -> {
              if (Thread.currentThread() == caller) {
                await(writing); // so that the other has the second text
                written.countDown();
                return "a";
              }
              under.incrementAndGet();
              writing.countDown();
              await(written);
              caller.interrupt();
              while (!cancelled.isCancelled()) {
                Thread.onSpinWait();
              }
              under.decrementAndGet();
              return "b";
            });
    assertThatExceptionOfType(AssertionError.class).isThrownBy(() -> threads.run(2));
    assertThat(Thread.interrupted()).isTrue();
    assertThat(under).hasValue(0);
  }

  private static void await(CountDownLatch latch) {
    try {
      latch.await();
    } catch (InterruptedException e) {
      throw new IllegalStateException(e);
    }
  }

  @Test
  void a_subscriber_hears_of_an_executor_that_throws() {
    TextGenerator generator = generator();
    AtomicReference<Throwable> received = new AtomicReference<>();
    AssertionError thrown = error();
    generator
        .publish(
            "a",
            run -> {
              throw thrown;
            })
        .subscribe(
            new Flow.Subscriber<>() {
              @Override
              public void onSubscribe(Flow.Subscription subscription) {
                subscription.request(1);
              }

              @Override
              public void onNext(String piece) {
                throw new IllegalStateException(piece);
              }

              @Override
              public void onError(Throwable failure) {
                received.set(failure);
              }

              @Override
              public void onComplete() {
                throw new IllegalStateException("complete");
              }
            });
    assertThat(received).hasValue(thrown);
    generator.close();
  }

  private static TextGenerator generator() {
    ToyModel toy = new ToyModel(ToyModel.info(258, 400).build(), ToyModel.hashing());
    return TextGenerator.of(ByteTokenizer.withBeginAndEnd(), toy, Registry.of()).withSeed(5);
  }

  /** A model whose sessions throw what a test says. */
  private static final class Broken implements LanguageModel {
    final ToyModel toy = new ToyModel(ToyModel.info(50, 64).build(), ToyModel.hashing());
    boolean truncating;
    boolean closing;

    @Override
    public ModelInfo info() {
      return toy.info();
    }

    @Override
    public Session open() {
      return session(toy.open());
    }

    private Session session(Session inner) {
      return new OuterSession(inner) {
        @Override
        public LanguageModel model() {
          return Broken.this;
        }

        @Override
        public Session fork() {
          return session(inner.fork());
        }

        @Override
        public void truncate(int length) {
          if (truncating) {
            throw error();
          }
          super.truncate(length);
        }

        @Override
        public void close() {
          super.close();
          if (closing) {
            throw error();
          }
        }
      };
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      List<Append> inside =
          batch.stream().map(append -> ((OuterSession) append.session()).inside(append)).toList();
      toy.forward(inside, cancellation);
    }

    @Override
    public void close() {
      toy.close();
    }
  }

  @Test
  void a_beginning_that_cannot_be_cut_off_is_closed() {
    Broken model = new Broken();
    try (PrefixCache cache = PrefixCache.of(50)) {
      try (Session session = model.open()) {
        session.append(new int[] {1, 2, 3});
        cache.put(model, new int[] {1, 2, 3}, session);
      }
      model.truncating = true;
      assertThatExceptionOfType(AssertionError.class)
          .isThrownBy(() -> cache.take(model, new int[] {1, 2, 4}));
      assertThat(model.toy.openSessions()).isEqualTo(1);
      model.truncating = false;
      Session taken = cache.take(model, new int[] {1, 2, 4});
      assertThat(taken).isNotNull();
      taken.close();
    }
    assertThat(model.toy.openSessions()).isZero();
  }

  @Test
  void a_use_whose_session_cannot_be_closed_is_given_back() {
    Broken model = new Broken();
    AtomicInteger givenBack = new AtomicInteger();
    SharedModel use = new SharedModel(model, givenBack::incrementAndGet);
    use.open();
    model.closing = true;
    assertThatExceptionOfType(AssertionError.class).isThrownBy(use::close);
    assertThat(givenBack).hasValue(1);
  }
}

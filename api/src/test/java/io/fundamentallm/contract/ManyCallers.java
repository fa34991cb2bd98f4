package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.TextGenerator;
import io.fundamentallm.decoding.Generation;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Flow;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Many threads on one generator: that each gets the text it gets alone, also while others cancel,
 * close and give up. For tests of runtimes; what they left behind is for the test to look at.
 */
public final class ManyCallers {
  private static final int SEEDS = 7;

  private final TextGenerator generator;
  private final List<String> prompts;
  private final Map<Integer, String> alone = new ConcurrentHashMap<>();

  private ManyCallers(TextGenerator generator, List<String> prompts) {
    this.generator = generator;
    this.prompts = List.copyOf(prompts);
  }

  /** Of a generator whose texts are a few dozen tokens long. */
  public static ManyCallers of(TextGenerator generator, List<String> prompts) {
    return new ManyCallers(generator, prompts);
  }

  /** What is to be written, and its text when nobody else is there. */
  private record Request(TextGenerator generator, String prompt, String text) {}

  private Request request(int index) {
    int kind = index % (prompts.size() * SEEDS);
    String prompt = prompts.get(kind % prompts.size());
    TextGenerator seeded = generator.withSeed(kind / prompts.size());
    String text = alone.computeIfAbsent(kind, k -> seeded.withoutBatching().generate(prompt));
    return new Request(seeded, prompt, text);
  }

  /** All write at the same time, and each gets the text it gets alone. */
  public void getTheirTexts(int callers, int rounds) throws InterruptedException {
    for (int i = 0; i < prompts.size() * SEEDS; i++) {
      request(i);
    }
    CountDownLatch together = new CountDownLatch(callers);
    run(
        callers,
        callers,
        caller -> {
          together.countDown();
          together.await();
          for (int round = 0; round < rounds; round++) {
            Request request = request(caller + round);
            assertThat(request.generator.generate(request.prompt)).isEqualTo(request.text);
          }
        });
  }

  /**
   * Requests of all kinds, many of which are cut off at random places. Returns when the last of
   * them was answered; a cancelled publisher may take a moment longer.
   */
  public void soak(int requests, int threads, long seed) throws InterruptedException {
    ExecutorService others = Executors.newFixedThreadPool(4);
    try {
      run(requests, threads, i -> soak(request(i), new Random(seed + i), others));
    } finally {
      others.shutdown();
      assertThat(others.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
    }
  }

  private static void soak(Request request, Random random, ExecutorService others)
      throws InterruptedException {
    int after = 1 + random.nextInt(12);
    switch (random.nextInt(9)) {
      case 0 -> assertThat(request.generator.generate(request.prompt)).isEqualTo(request.text);
      case 1 -> cancelledByOptions(request, new AtomicInteger(random.nextInt(60)));
      case 2 -> streamed(request, after);
      case 3 -> brokenOff(request, after);
      case 4 -> closedFromOutside(request, random.nextInt(200_000), others);
      case 5 -> timedOut(request, Duration.ofNanos(random.nextInt(2_000_000)));
      case 6 -> published(request, others, Integer.MAX_VALUE);
      case 7 -> published(request, others, after);
      default -> severalSequences(request);
    }
  }

  private static void cancelledByOptions(Request request, AtomicInteger asks) {
    try {
      String text =
          request
              .generator
              .with(o -> o.cancellation(() -> asks.getAndDecrement() <= 0))
              .generate(request.prompt);
      assertThat(text).isEqualTo(request.text);
    } catch (CancellationException e) {
      assertThat(asks.get()).isNegative();
    }
  }

  private static void streamed(Request request, int pieces) {
    try (Stream<String> stream = request.generator.stream(request.prompt)) {
      assertThat(request.text).startsWith(String.join("", stream.limit(pieces).toList()));
    }
  }

  private static void brokenOff(Request request, int pieces) {
    StringBuilder received = new StringBuilder();
    AtomicInteger left = new AtomicInteger(pieces);
    try {
      request.generator.generate(
          request.prompt,
          piece -> {
            received.append(piece);
            if (left.decrementAndGet() == 0) {
              throw new UnsupportedOperationException("enough");
            }
          });
      assertThat(received).hasToString(request.text);
    } catch (UnsupportedOperationException e) {
      assertThat(request.text).startsWith(received);
    }
  }

  private static void closedFromOutside(Request request, int nanos, ExecutorService others) {
    try (Generation generation = request.generator.tokens(request.prompt)) {
      others.execute(after(nanos, generation::close));
      StringBuilder text = new StringBuilder();
      while (generation.hasNext()) {
        text.append(generation.next().text());
      }
      assertThat(request.text).startsWith(text);
    }
  }

  private static Runnable after(int nanos, Runnable action) {
    return () -> {
      long end = System.nanoTime() + nanos;
      while (System.nanoTime() < end) {
        Thread.onSpinWait();
      }
      action.run();
    };
  }

  private static void timedOut(Request request, Duration limit) {
    String text = request.generator.with(o -> o.timeLimit(limit)).generate(request.prompt);
    assertThat(request.text).startsWith(text);
  }

  private static void severalSequences(Request request) {
    try (Generation generation =
        request.generator.withDecoder("sampling(n=2)").tokens(request.prompt)) {
      generation.stream().forEach(token -> {});
      assertThat(generation.sequences()).hasSize(2);
      assertThat(generation.sequences().get(0).text()).isEqualTo(request.text);
    }
  }

  /** One piece after the other; gives up after so many. */
  private static void published(Request request, ExecutorService others, int pieces)
      throws InterruptedException {
    StringBuilder received = new StringBuilder();
    CountDownLatch over = new CountDownLatch(1);
    List<Throwable> failures = new ArrayList<>();
    Flow.Subscriber<String> subscriber =
        new Flow.Subscriber<>() {
          private Flow.@Nullable Subscription subscription;
          private int left = pieces;

          @Override
          public void onSubscribe(Flow.Subscription subscription) {
            this.subscription = subscription;
            subscription.request(1);
          }

          @Override
          public void onNext(String piece) {
            received.append(piece);
            left--;
            if (subscription != null && left > 0) {
              subscription.request(1);
            } else if (subscription != null) {
              others.execute(subscription::cancel);
              over.countDown();
            }
          }

          @Override
          public void onError(Throwable failure) {
            failures.add(failure);
            over.countDown();
          }

          @Override
          public void onComplete() {
            over.countDown();
          }
        };
    request.generator.publish(request.prompt).subscribe(subscriber);
    assertThat(over.await(5, TimeUnit.MINUTES)).isTrue();
    assertThat(failures).isEmpty();
    assertThat(request.text).startsWith(received);
    if (pieces == Integer.MAX_VALUE) {
      assertThat(received).hasToString(request.text);
    }
  }

  /** What one of them does. */
  private interface Work {
    void run(int index) throws InterruptedException;
  }

  private static void run(int count, int threads, Work work) throws InterruptedException {
    ExecutorService pool = Executors.newFixedThreadPool(threads);
    try {
      List<Callable<@Nullable Void>> all = new ArrayList<>();
      for (int i = 0; i < count; i++) {
        int index = i;
        all.add(
            () -> {
              work.run(index);
              return null;
            });
      }
      for (Future<@Nullable Void> one : pool.invokeAll(all)) {
        one.get();
      }
    } catch (ExecutionException e) {
      throw new AssertionError("a caller failed: " + e.getCause(), e.getCause());
    } finally {
      pool.shutdownNow();
      assertThat(pool.awaitTermination(5, TimeUnit.MINUTES)).isTrue();
    }
  }

  /** The threads that there are, those of the JVM's own included. */
  public static Set<Thread> threads() {
    return Set.copyOf(Thread.getAllStackTraces().keySet());
  }

  /** That no thread of the library's own has been added, or it ends soon. */
  public static void assertNoThreadsLeft(Set<Thread> before) throws InterruptedException {
    for (Thread thread : threads()) {
      if (thread.getName().startsWith("fundamentallm-") && !before.contains(thread)) {
        thread.join(300_000);
        assertThat(thread.isAlive()).as(thread.getName()).isFalse();
      }
    }
  }
}

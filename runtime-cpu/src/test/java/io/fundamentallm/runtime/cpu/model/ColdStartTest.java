package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.WatchedProduct;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.IntConsumer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class ColdStartTest {
  private static final TransformerConfig CONFIG = Shapes.llama(3, 1, 8, false, 0, 0);
  private static final Kernels KERNELS = KernelSets.beginning();
  private static final long LARGE = 16_000_000_000L;
  private static final String WARM_UP = "fundamentallm-warm-up";
  private static final int PROCESSORS = Runtime.getRuntime().availableProcessors();

  /** A session needs a model that is open. */
  private static final CpuLanguageModel OWNER =
      RandomGpt2.model(RandomGpt2.CONFIG, KernelSets.all().get(0), 1);

  private record Text(CpuSession session) implements AutoCloseable {
    Text(KvCache cache) {
      this(new CpuSession(OWNER, cache));
    }

    float[] append(ColdStart start, int... tokens) {
      float[] logits = new float[CONFIG.vocabularySize()];
      session.makeRoom(tokens.length);
      start.forward(List.of(Append.of(session, tokens, logits)), Cancellation.none());
      session.commit(tokens);
      return logits;
    }

    @Override
    public void close() {
      session.close();
    }
  }

  private static KvCache cache(KvCache.Format format) {
    return new KvCache(CONFIG, format, Long.MAX_VALUE);
  }

  private static ForwardPass pass(
      Matrix.@Nullable Format format, Kernels kernels, Parallel parallel, KvCache cache)
      throws IOException {
    Transformer transformer =
        new WeightPacker(format, kernels, parallel).pack(CONFIG, new RandomWeights(CONFIG, false));
    return new ForwardPass(transformer, kernels, parallel, cache);
  }

  private static List<float[]> generate(ColdStart start, KvCache cache, int few, int any) {
    List<float[]> logits = new ArrayList<>();
    try (Text text = new Text(cache)) {
      int[] prompt = new Random(3).ints(19, 0, CONFIG.vocabularySize()).toArray();
      for (int i = 0; i < 12; i++) {
        if (i == few) {
          start.compiled(3);
        }
        if (i == any) {
          start.compiled(Integer.MAX_VALUE);
        }
        logits.add(i % 6 == 0 ? text.append(start, prompt) : text.append(start, i, i + 1));
      }
    }
    return logits;
  }

  @ParameterizedTest
  @EnumSource(Matrix.Format.class)
  void a_text_has_the_same_bits_wherever_the_kernels_change(Matrix.Format format)
      throws IOException {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      for (KvCache.Format cached : KvCache.Format.values()) {
        KvCache cache = cache(cached);
        ForwardPass first = pass(format, KernelSets.all().get(0), parallel, cache);
        ForwardPass lasting = pass(format, KERNELS, parallel, cache);
        List<float[]> expected = generate(new ColdStart(first, lasting, 1), cache, -1, -1);
        for (int few = 0; few < 12; few++) {
          for (int any = few; any <= 12; any += 4) {
            List<float[]> actual = generate(new ColdStart(first, lasting, 1), cache, few, any);
            for (int i = 0; i < expected.size(); i++) {
              assertThat(actual.get(i))
                  .as("pass %d of %d, %d", i, few, any)
                  .isEqualTo(expected.get(i));
            }
          }
        }
      }
    }
  }

  @Test
  void each_pass_takes_the_kernels_that_are_fast_for_its_size() throws IOException {
    try (Parallel parallel = Parallel.ofThreads(1)) {
      KvCache cache = cache(KvCache.Format.F32);
      // other weights, to see which of the two computes
      ForwardPass first = pass(Matrix.Format.INT4, KERNELS, parallel, cache);
      ForwardPass lasting = pass(Matrix.Format.F32, KERNELS, parallel, cache);
      ColdStart always = new ColdStart(first, lasting, LARGE);
      ColdStart never = new ColdStart(first, lasting, 0);
      int[] one = {5};
      int[] three = {5, 6, 7};
      int[] nine = {1, 2, 3, 4, 5, 6, 7, 8, 9};
      List<float[]> byLasting = new ArrayList<>();
      List<float[]> byFirst = new ArrayList<>();
      ColdStart some = new ColdStart(first, lasting, LARGE / 8);
      ColdStart few = new ColdStart(first, lasting, 0);
      few.compiled(3);
      ColdStart all = new ColdStart(first, lasting, 0);
      all.compiled(Integer.MAX_VALUE);
      ColdStart none = new ColdStart(null, lasting, 0);
      for (int[] tokens : List.of(one, three, nine)) {
        byLasting.add(fresh(all, cache, tokens));
        byFirst.add(fresh(never, cache, tokens));
        assertThat(byLasting.get(byLasting.size() - 1))
            .isNotEqualTo(byFirst.get(byFirst.size() - 1));
      }
      assertThat(fresh(none, cache, three)).isEqualTo(byLasting.get(1));
      assertThat(fresh(always, cache, three)).isEqualTo(byLasting.get(1));
      assertThat(fresh(some, cache, three)).isEqualTo(byFirst.get(1));
      assertThat(fresh(some, cache, nine)).isEqualTo(byLasting.get(2));
      assertThat(fresh(few, cache, one)).isEqualTo(byLasting.get(0));
      assertThat(fresh(few, cache, three)).isEqualTo(byLasting.get(1));
      assertThat(fresh(few, cache, nine)).isEqualTo(byFirst.get(2));
    }
  }

  private static float[] fresh(ColdStart start, KvCache cache, int[] tokens) {
    try (Text text = new Text(cache)) {
      return text.append(start, tokens);
    }
  }

  @Test
  void it_does_not_pay_for_large_models_or_on_one_processor() {
    assertThat(ColdStart.pays(0, 2)).isTrue();
    assertThat(ColdStart.pays(600_000_000, 2)).isTrue();
    assertThat(ColdStart.pays(1_100_000_000, 2)).isFalse();
    assertThat(ColdStart.pays(600_000_000, 1)).isFalse();
  }

  @Test
  void a_long_pass_is_no_idle_time() throws IOException {
    long later = TimeUnit.HOURS.toNanos(1);
    AtomicReference<ColdStart> watched = new AtomicReference<>();
    List<Boolean> quiet = new ArrayList<>();
    Kernels kernels =
        WatchedProduct.watch(
            KernelSets.all().get(0),
            null,
            rows -> quiet.add(watched.get().quiet(System.nanoTime() + later)));
    try (Parallel parallel = Parallel.ofThreads(1)) {
      KvCache cache = cache(KvCache.Format.F32);
      ForwardPass pass = pass(Matrix.Format.F32, kernels, parallel, cache);
      ColdStart start = new ColdStart(pass, pass, 0);
      watched.set(start);
      assertThat(start.quiet(System.nanoTime() + later)).isTrue();
      fresh(start, cache, new int[] {1, 2});
      assertThat(quiet).isNotEmpty().containsOnly(false);
      assertThat(start.quiet(System.nanoTime() + later)).isTrue();
    }
  }

  @Test
  void a_model_goes_over_while_it_is_used_with_the_same_bits() throws InterruptedException {
    assumeTrue(PROCESSORS > 1);
    Random random = new Random(1);
    Set<Thread> others = warmUps();
    CountDownLatch found = new CountDownLatch(1);
    Kernels held = watch(rows -> {}, rows -> awaitInWarmUp(found));
    try (LanguageModel expected = RandomGpt2.model(RandomGpt2.CONFIG, KernelSets.all().get(0), 2);
        LanguageModel model = RandomGpt2.model(RandomGpt2.CONFIG, held, 2)) {
      Set<Thread> own = warmUps();
      own.removeAll(others);
      found.countDown();
      assertThat(own).hasSize(1).allMatch(Thread::isDaemon);
      Thread warmUp = own.iterator().next();
      int after = 0;
      for (int i = 0; after < 5; i++) {
        int[] tokens = random.ints(1 + i % 7, 0, 37).toArray();
        assertThat(logits(model, tokens)).isEqualTo(logits(expected, tokens));
        after += warmUp.isAlive() ? 0 : 1;
      }
    }
  }

  private static float[] logits(LanguageModel model, int[] tokens) {
    float[] logits = new float[model.info().vocabularySize()];
    try (Session session = model.open()) {
      session.append(tokens, logits);
    }
    return logits;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void a_closed_model_ends_its_warm_up(boolean used) throws InterruptedException {
    assumeTrue(PROCESSORS > 1);
    Set<Thread> others = warmUps();
    CountDownLatch begun = new CountDownLatch(1);
    CountDownLatch closed = new CountDownLatch(1);
    AtomicInteger passes = new AtomicInteger();
    Kernels kernels =
        watch(
            rows -> passes.addAndGet(inWarmUp() ? 1 : 0),
            rows -> {
              begun.countDown();
              awaitInWarmUp(closed); // it cannot end before
            });
    LanguageModel model = RandomGpt2.model(RandomGpt2.CONFIG, kernels, 2);
    if (used) {
      logits(model, new int[] {1, 2, 3});
    }
    begun.await();
    int before = passes.get();
    Set<Thread> own = warmUps();
    own.removeAll(others);
    assertThat(own).hasSize(1);
    model.close();
    closed.countDown();
    own.iterator().next().join();
    assertThat(passes).as("it computes no more").hasValue(before);
  }

  /** The kernels of {@link #KERNELS}, watched. */
  private static Kernels watch(IntConsumer first, IntConsumer lasting) {
    Kernels begin = WatchedProduct.watch(KernelSets.all().get(0), null, first);
    return WatchedProduct.watch(KERNELS, begin, lasting);
  }

  private static void awaitInWarmUp(CountDownLatch latch) {
    try {
      if (inWarmUp()) {
        latch.await();
      }
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static boolean inWarmUp() {
    return Thread.currentThread().getName().equals(WARM_UP);
  }

  private static Set<Thread> warmUps() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().equals(WARM_UP));
    return threads;
  }
}

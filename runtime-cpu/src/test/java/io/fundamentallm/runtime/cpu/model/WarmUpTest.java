package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.WatchedProduct;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.concurrent.ConcurrentSkipListSet;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.IntConsumer;
import org.junit.jupiter.api.Test;

class WarmUpTest {
  private static final TransformerConfig CONFIG = Shapes.llama(3, 1, 8, false, 0, 0);
  private static final Kernels SCALAR = KernelSets.all().get(0);

  /** A session needs a model that is open. */
  private static final CpuLanguageModel OWNER = RandomGpt2.model(RandomGpt2.CONFIG, SCALAR, 1);

  /** A warm-up of scalar kernels, whose products are watched. */
  private static WarmUp warmUp(IntConsumer first, IntConsumer lasting) throws IOException {
    Kernels begin = WatchedProduct.watch(SCALAR, null, first);
    Kernels kernels = WatchedProduct.watch(SCALAR, begin, lasting);
    try (Parallel alone = Parallel.ofThreads(1)) {
      KvCache cache = new KvCache(CONFIG, KvCache.Format.F32, Long.MAX_VALUE);
      Transformer transformer =
          new WeightPacker(Matrix.Format.F32, kernels, alone)
              .pack(CONFIG, new RandomWeights(CONFIG, false));
      ForwardPass quick = new ForwardPass(transformer, begin, alone, cache);
      ForwardPass slow = new ForwardPass(transformer, kernels, alone, cache);
      ColdStart start = new ColdStart(quick, slow, 0);
      return new WarmUp(start, transformer, begin, kernels, OWNER, cache);
    }
  }

  @Test
  void it_computes_with_tiles_of_every_height() throws IOException {
    assumeTrue(KernelSets.all().size() > 1, "the tiles need the Vector API");
    ConcurrentSkipListSet<Integer> rows = new ConcurrentSkipListSet<>();
    warmUp(count -> {}, rows::add).run();
    TreeSet<Integer> packed = new TreeSet<>();
    TreeSet<Integer> inPlace = new TreeSet<>();
    for (int count : rows) {
      packed.addAll(WatchedProduct.packedHeights(count));
      inPlace.addAll(WatchedProduct.heightsInPlace(count));
    }
    assertThat(packed).containsExactly(1, 4, 8, 12);
    assertThat(inPlace).containsExactly(1, 4, 6);
  }

  @Test
  void its_limit_ends_a_pass_that_is_under_way() throws IOException {
    AtomicInteger whole = new AtomicInteger(); // products of a pass
    AtomicInteger products = new AtomicInteger();
    AtomicInteger ofOneRow = new AtomicInteger(); // until the passes have more
    IntConsumer first = rows -> whole.addAndGet(products.get() == 0 ? 1 : 0);
    IntConsumer lasting =
        rows -> {
          ofOneRow.addAndGet(rows == 1 && products.get() == ofOneRow.get() ? 1 : 0);
          if (products.getAndIncrement() == 0) {
            sleep(WarmUp.MAX_NANOS);
          }
        };
    warmUp(first, lasting).run();
    assertThat(ofOneRow).hasPositiveValue();
    assertThat(ofOneRow.get()).isLessThan(whole.get());
  }

  private static void sleep(long nanos) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  @Test
  void models_take_turns() throws IOException, InterruptedException {
    AtomicBoolean failed = new AtomicBoolean();
    Turns turns = new Turns();
    List<Thread> threads = new ArrayList<>();
    for (int i = 0; i < 2; i++) {
      Thread thread = new Thread(warmUp(rows -> turns.product(), rows -> turns.product()));
      thread.setUncaughtExceptionHandler((t, e) -> failed.set(true));
      threads.add(thread);
    }
    threads.forEach(Thread::start);
    for (Thread thread : threads) {
      thread.join();
    }
    assertThat(failed).isFalse();
    assertThat(turns.count).isBetween(2, 6); // sizes of passes times models
  }

  /** How often another thread computes than before. */
  private static final class Turns {
    private Thread latest = Thread.currentThread();
    private int count;

    synchronized void product() {
      count += latest == Thread.currentThread() ? 0 : 1;
      latest = Thread.currentThread();
    }
  }
}

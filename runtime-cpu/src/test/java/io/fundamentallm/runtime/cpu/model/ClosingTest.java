package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import io.fundamentallm.Decoders;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.decoding.ContextPolicy;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.lang.ref.Reference;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Closing a generation from another thread, on the real model. */
@Timeout(value = 10, unit = TimeUnit.MINUTES, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ClosingTest {
  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(37, 512, 24, 300, 3);
  private static final int[] PROMPT = new Random(1).ints(500, 0, 37).toArray();

  /**
   * Stands still at a pass's tenth look at the cancellation until it is cancelled, counts the
   * looks, and keeps the sessions.
   */
  private record Watched(
      LanguageModel model, CountDownLatch inPass, List<Integer> looks, List<Session> sessions)
      implements LanguageModel {
    @Override
    public ModelInfo info() {
      return model.info();
    }

    @Override
    public Session open() {
      sessions.add(model.open());
      return sessions.get(sessions.size() - 1);
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      int[] count = {0};
      try {
        model.forward(
            batch,
            () -> {
              if (++count[0] == 10) {
                inPass.countDown();
                while (!cancellation.isCancelled()) {
                  Thread.onSpinWait();
                }
              }
              return cancellation.isCancelled();
            });
      } finally {
        looks.add(count[0]);
      }
    }

    @Override
    public void close() {
      model.close();
    }
  }

  @Test
  void a_long_prompt_is_given_up_between_two_layers_and_the_session_is_closed() throws Exception {
    Watched model =
        new Watched(
            RandomGpt2.model(CONFIG, Kernels.best(), 2),
            new CountDownLatch(1),
            new ArrayList<>(),
            new ArrayList<>());
    Generation generation =
        Decoders.sampling().decode(model, PROMPT, DecodingOptions.builder().seed(1).build());
    CompletableFuture<Boolean> iterating = CompletableFuture.supplyAsync(generation::hasNext);
    model.inPass.await();
    generation.close();
    assertThat(iterating.get()).isFalse();
    assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    // to its end it would look 600 times: two passes of 256 rows through 300 layers
    assertThat(model.looks).containsExactly(10);
    assertThat(model.sessions).hasSize(1);
    assertThat(catchThrowable(model.sessions.get(0)::length))
        .isInstanceOf(IllegalStateException.class)
        .hasMessage("the session is closed");
    assertThat(generation.hasNext()).isFalse();
    model.close();
  }

  @Test
  void a_generation_under_way_ends_within_one_token() throws Exception {
    try (LanguageModel model = RandomGpt2.endless()) { // nothing ends it but close()
      Generation generation =
          Decoders.sampling()
              .decode(
                  model,
                  new int[] {5},
                  DecodingOptions.builder()
                      .seed(1)
                      .maxNewTokens(Integer.MAX_VALUE)
                      .contextPolicy(ContextPolicy.truncateLeft())
                      .build());
      CountDownLatch some = new CountDownLatch(20);
      int[] afterClose = {0};
      boolean[] closing = {false};
      CompletableFuture<Void> iterating =
          CompletableFuture.runAsync(
              () -> {
                while (generation.hasNext()) {
                  generation.next();
                  some.countDown();
                  synchronized (closing) {
                    afterClose[0] += closing[0] ? 1 : 0;
                  }
                }
              });
      some.await();
      generation.close();
      synchronized (closing) {
        closing[0] = true;
      }
      iterating.get();
      assertThat(afterClose[0]).isLessThanOrEqualTo(1);
      assertThat(generation.finishReason()).isEqualTo(FinishReason.CANCELLED);
    }
  }

  @Test
  void forgotten_generators_leave_no_threads() throws InterruptedException {
    Set<Thread> before = ownThreads();
    Set<Thread> left = new HashSet<>();
    for (int i = 0; i < 60; i++) {
      left.addAll(forget());
    }
    left.removeAll(before);
    assertThat(left).hasSize(2 * 60);
    // the collector says when they go; the limit of the class is the only one
    while (left.stream().anyMatch(Thread::isAlive)) {
      System.gc();
      Thread.sleep(10);
    }
  }

  /** The threads there were while somebody still held the model. */
  private static Set<Thread> forget() {
    TrainableConfig small = TrainableConfig.gpt2(258, 32, 24, 1, 3);
    CpuLanguageModel model = RandomGpt2.model(small, Kernels.best(), 3);
    TextGenerator generator =
        TextGenerator.of(ByteTokenizer.withBeginAndEnd(), model, Registry.of()).withMaxNewTokens(3);
    generator.generate("a");
    model.open().append(new int[] {1, 2}); // nor is the session closed
    try {
      return ownThreads();
    } finally {
      Reference.reachabilityFence(model);
    }
  }

  private static Set<Thread> ownThreads() {
    Set<Thread> threads = new HashSet<>(Thread.getAllStackTraces().keySet());
    threads.removeIf(thread -> !thread.getName().startsWith("fundamentallm-cpu-"));
    return threads;
  }
}

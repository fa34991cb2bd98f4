package io.fundamentallm.internal.batching;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ManyCallers;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Capability;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** Sixty-four at once, and ten thousand of whom many give up. */
class ManyCallersTest {
  private static final List<String> PROMPTS =
      List.of(
          "a", "It is a truth", "\uD83D\uDE00", "a prompt of a few more tokens than a step has");

  private final Set<Thread> before = ManyCallers.threads();
  private final ToyModel toy = toy(Capability.values());
  private final BatchingLimits limits = BatchingLimits.defaults();

  private static ToyModel toy(Capability... capabilities) {
    return new ToyModel(
        ToyModel.info(258, 80).capabilities(capabilities).build(), ToyModel.hashing());
  }

  private static TextGenerator generator(ToyModel model, BatchingLimits limits) {
    return TextGenerator.of(
            ByteTokenizer.withBeginAndEnd(), LanguageModels.batching(model, limits), Registry.of())
        .withMaxNewTokens(20);
  }

  @Test
  void sixty_four_callers_get_the_texts_they_get_alone() throws Exception {
    try (TextGenerator generator = generator(toy, limits)) { // and its prefix cache
      ManyCallers.of(generator, PROMPTS).getTheirTexts(64, 5);
    }
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void also_where_passes_are_too_small_for_them() throws Exception {
    BatchingLimits small = new BatchingLimits(20, 3, 8, 1000);
    try (TextGenerator generator = generator(toy, small)) {
      ManyCallers.of(generator, PROMPTS).getTheirTexts(64, 2);
    }
    ToyModel plain = toy();
    ManyCallers.of(generator(plain, small), PROMPTS).getTheirTexts(64, 2);
    assertThat(toy.openSessions() + plain.openSessions()).isZero();
  }

  @Test
  void ten_thousand_requests_leave_nothing_behind() throws Exception {
    TextGenerator generator = generator(toy, limits);
    ManyCallers.of(generator, PROMPTS).soak(10_000, 16, 1);
    ManyCallers.assertNoThreadsLeft(before);
    generator.close();
    assertThat(toy.openSessions()).isZero();
  }

  @Test
  void also_where_nothing_can_be_truncated() throws Exception {
    ToyModel plain = toy();
    ManyCallers.of(generator(plain, limits.withTokens(40).withAppends(5)), PROMPTS)
        .soak(1500, 16, 2);
    ManyCallers.assertNoThreadsLeft(before);
    assertThat(plain.openSessions()).isZero();
  }

  @Test
  void closing_the_generator_ends_all_callers() throws Exception {
    for (int round = 0; round < 20; round++) {
      ToyModel model = toy();
      TextGenerator generator = generator(model, limits).withSeed(round);
      ExecutorService pool = Executors.newFixedThreadPool(16);
      CountDownLatch begun = new CountDownLatch(100);
      List<Future<Boolean>> ends = new ArrayList<>();
      for (int i = 0; i < 16; i++) {
        ends.add(pool.submit(() -> writeUntilClosed(generator, begun)));
      }
      begun.await();
      generator.close();
      for (Future<Boolean> end : ends) {
        assertThat(end.get(5, TimeUnit.MINUTES)).isTrue();
      }
      pool.shutdown();
      assertThat(model.openSessions()).isZero();
    }
  }

  private static boolean writeUntilClosed(TextGenerator generator, CountDownLatch begun) {
    while (true) {
      try {
        begun.countDown();
        generator.generate("It is a truth");
      } catch (IllegalStateException e) {
        return String.valueOf(e.getMessage()).contains("the model is closed");
      }
    }
  }
}

package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ManyCallers;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** One generator, many threads: each gets its own text, and no block of the cache is lost. */
@Timeout(value = 900, threadMode = Timeout.ThreadMode.SEPARATE_THREAD)
class ManyCallersOnCpuTest {
  private static final List<String> PROMPTS =
      List.of("a", "It is a truth", "a prompt of a few more tokens than a step has");

  /** What a test does with the callers of a generator. */
  private interface Use {
    void with(ManyCallers callers) throws InterruptedException;
  }

  private static void assertNothingIsLeft(Use use) throws InterruptedException {
    Set<Thread> before = ManyCallers.threads();
    CpuLanguageModel model =
        RandomGpt2.model(TrainableConfig.gpt2(258, 90, 24, 2, 3), Kernels.best(), 2);
    try (TextGenerator generator =
        TextGenerator.of(ByteTokenizer.withBeginAndEnd(), model, Registry.of())
            .withMaxNewTokens(20)) {
      use.with(ManyCallers.of(generator, PROMPTS));
    }
    ManyCallers.assertNoThreadsLeft(before);
    assertThat(model.cache().blocksInUse()).isZero();
  }

  @Test
  void sixty_four_callers_get_the_texts_they_get_alone() throws InterruptedException {
    assertNothingIsLeft(callers -> callers.getTheirTexts(64, 3));
  }

  @Test
  void requests_that_are_cut_off_leave_nothing_behind() throws InterruptedException {
    assertNothingIsLeft(callers -> callers.soak(600, 16, 1));
  }

  @Tag("long")
  @Test
  void ten_thousand_requests_leave_nothing_behind() throws InterruptedException {
    assertNothingIsLeft(callers -> callers.soak(10_000, 16, 2));
  }
}

package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.assertj.core.data.Percentage;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.api.io.TempDir;

/** Training in mixed precision, products by oneDNN, beside training in 32 bits. */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class MixedPrecisionTest {
  @TempDir Path folder;

  /**
   * One of three digits follows, by chance.
   *
   * @param pasts how many pasts decide which three: 10 for one digit, 1000 for three
   */
  private static TrainingData data(int pasts) {
    Random random = new Random(1);
    int[] next = random.ints(3000, 0, 10).toArray();
    int[] digits = new int[60_000];
    int past = 0;
    for (int i = 0; i < digits.length; i++) {
      digits[i] = next[past * 3 + random.nextInt(3)];
      past = (past * 10 + digits[i]) % pasts;
    }
    TokenSequence all = TokenSequence.of(digits);
    return new TrainingData(new DigitTokenizer(), all.slice(0, 54_000), all.slice(54_000, 60_000));
  }

  private List<Double> losses(String name, String precision, int steps, int threads, int pasts)
      throws IOException {
    TrainingPlan plan =
        TrainingPlan.builder(folder.resolve(name))
            .architecture("gpt2(layers=2,heads=2,hidden-size=128)")
            .precision(precision)
            .steps(steps)
            .warmupSteps(10)
            .validation(Validation.every(Math.max(1, steps / 10)))
            .build();
    List<Double> losses = new ArrayList<>();
    new CpuTrainer(threads)
        .train(
            data(pasts),
            plan,
            new TrainingListener() {
              @Override
              public void onEvaluation(Evaluation evaluation) {
                losses.add(evaluation.loss());
              }
            });
    return losses;
  }

  private void compare(int steps, int pasts) throws IOException {
    List<Double> exact = losses("f32", "f32", steps, 2, pasts);
    List<Double> mixed = losses("bf16", "bf16", steps, 2, pasts);
    assertThat(mixed).hasSameSizeAs(exact).isNotEqualTo(exact);
    for (int i = 0; i < exact.size(); i++) {
      assertThat(mixed.get(i)).isCloseTo(exact.get(i), Percentage.withPercentage(1));
    }
    double last = exact.get(exact.size() - 1);
    assertThat(last).as("it has learnt something").isLessThan(exact.get(0) - 0.3);
  }

  @Test
  void the_loss_follows_that_of_32_bits() throws IOException {
    compare(60, 10);
  }

  @Test
  @Tag("long")
  void the_loss_follows_that_of_32_bits_over_2000_steps() throws IOException {
    compare(2000, 1000);
  }

  @Test
  void the_result_does_not_depend_on_threads() throws IOException {
    losses("one", "bf16", 4, 1, 10);
    losses("three", "bf16", 4, 3, 10);
    assertThat(Files.mismatch(weights("one"), weights("three"))).isEqualTo(-1);
  }

  private Path weights(String name) {
    return folder.resolve(name).resolve("model.safetensors");
  }
}

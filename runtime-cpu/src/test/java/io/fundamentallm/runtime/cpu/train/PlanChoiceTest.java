package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Tag("once")
class PlanChoiceTest {
  private static final TrainingData DATA =
      new TrainingData(
          new DigitTokenizer(),
          TokenSequence.of(IntStream.range(0, 3000).map(i -> i * i % 7).toArray()),
          TokenSequence.of(IntStream.range(0, 300).map(i -> i * i % 7).toArray()));

  @TempDir private Path folder;

  private final List<TrainingPlan> chosen = new ArrayList<>();
  private final AtomicInteger steps = new AtomicInteger();
  private final TrainingListener listener =
      new TrainingListener() {
        @Override
        public void onPlan(TrainingPlan plan) {
          chosen.add(plan);
        }

        @Override
        public void onStep(Progress progress) {
          steps.set(progress.step());
        }
      };

  private TrainingPlan.Builder plan(String name) {
    return TrainingPlan.builder(folder.resolve(name)).contextLength(16).batchSize(2);
  }

  private float[] weights(String name) throws IOException {
    return ModelDirectory.read(folder.resolve(name)).parameters();
  }

  @Test
  void what_is_chosen_is_a_plan_that_trains_to_the_same_bits() throws IOException {
    new CpuTrainer(2)
        .train(DATA, plan("automatic").budget(Duration.ofSeconds(1)).build(), listener);
    int choices = chosen.size();
    TrainingPlan fixed = chosen.get(choices - 1); // after what was chosen on the way
    assertThat(fixed.open()).isEmpty();
    assertThat(fixed.architecture()).startsWith("llama(layers=");
    assertThat(fixed.steps()).isEqualTo(steps.get());
    assertThat(fixed.validation().interval()).isEqualTo(Math.max(1, fixed.steps() / 10));

    TrainingPlan again =
        plan("fixed")
            .architecture(fixed.architecture())
            .steps(fixed.steps())
            .windows(fixed.windows())
            .optimizer(fixed.optimizer())
            .schedule(fixed.schedule())
            .learningRate(fixed.learningRate(), fixed.minimumLearningRate())
            .warmupSteps(fixed.warmupSteps())
            .weightDecay(fixed.weightDecay())
            .objective(fixed.objective())
            .build();
    new CpuTrainer(1).train(DATA, again, listener);
    assertThat(chosen).hasSize(choices); // a plan that leaves nothing open has nothing to tell
    assertThat(weights("fixed")).isEqualTo(weights("automatic"));
  }

  @Test
  void a_training_that_resumes_takes_the_steps_that_were_chosen_at_first() throws IOException {
    TrainingPlan plan =
        plan("stopped").budget(Duration.ofSeconds(1)).checkpoints(1_000_000, 1).resume().build();
    // long enough for the steps to be chosen anew
    Cancellation early = () -> chosen.size() > 1 && steps.get() > 10;
    assertThatThrownBy(
            () -> new CpuTrainer(2, new FasterThanMeasured()).train(DATA, plan, early, listener))
        .isInstanceOf(CancellationException.class);
    TrainingPlan then = chosen.get(chosen.size() - 1);
    assertThat(then.steps()).isGreaterThan(chosen.get(0).steps());
    // the steps at first, with the warm-up if another was chosen with the next ones
    assertThat(then.schedule())
        .matches("cosine\\(steps=\"" + chosen.get(0).steps() + "(/\\d+)?,.*");
    chosen.clear();
    TrainingPlan later = plan.toBuilder().budget(Duration.ofMinutes(10)).build();
    new CpuTrainer(2).train(DATA, later, listener);
    assertThat(chosen).hasSize(1);
    assertThat(chosen.get(0).steps()).isEqualTo(then.steps()).isEqualTo(steps.get());
    assertThat(chosen.get(0).schedule()).isEqualTo(then.schedule());
    assertThat(chosen.get(0).validation()).isEqualTo(then.validation());
    assertThat(chosen.get(0).objective()).isEqualTo(then.objective());

    TrainingPlan straight =
        plan("straight")
            .architecture(then.architecture())
            .steps(then.steps())
            .windows(then.windows())
            .optimizer(plan.optimizer())
            .schedule(then.schedule())
            .learningRate(plan.learningRate(), plan.minimumLearningRate())
            .warmupSteps(then.warmupSteps())
            .weightDecay(plan.weightDecay())
            .objective(then.objective())
            .build();
    new CpuTrainer(2).train(DATA, straight);
    assertThat(weights("stopped")).isEqualTo(weights("straight"));
  }

  /** A clock by which steps take less than those that are measured before the first. */
  private final class FasterThanMeasured implements LongSupplier {
    private long now;

    @Override
    public long getAsLong() {
      return now += steps.get() == 0 ? 20_000_000 : 1_000_000; // between two readings
    }
  }

  @Test
  void figures_that_are_set_are_not_chosen() throws IOException {
    Validation validation = Validation.every(2).withWindows(3);
    TrainingPlan plan = plan("steps").steps(4).validation(validation).build();
    new CpuTrainer(2).train(DATA, plan, listener);
    assertThat(chosen.get(0).steps()).isEqualTo(4);
    assertThat(chosen.get(0).validation()).isEqualTo(validation);

    String own = "gpt2(layers=1,heads=2,hidden-size=16)";
    TrainingPlan shaped = plan("shaped").architecture(own).budget(Duration.ofMillis(200)).build();
    new CpuTrainer(2).train(DATA, shaped, listener);
    TrainingPlan last = chosen.get(chosen.size() - 1);
    assertThat(last.architecture()).isEqualTo(own);
    assertThat(last.validation()).isEqualTo(Validation.DEFAULT);
    assertThat(last.steps()).isEqualTo(steps.get());
  }

  /** An epoch are 186 windows, or 93 steps. */
  @ParameterizedTest
  @CsvSource({"93, 0", "1301, 0", "1302, 0.1", "3719, 0.1", "3720, 0.2"})
  void a_text_that_is_read_many_times_is_learned_with_dropout(int steps, double dropout)
      throws IOException {
    CpuTrainer trainer = new CpuTrainer(2);
    TrainingPlan plan = plan("often").steps(steps).build();
    TrainingPlan chosen = trainer.choose(DATA, plan, Cancellation.none());
    assertThat(chosen.objective().dropout()).isEqualTo(dropout);

    TrainingObjective own = TrainingObjective.MAXIMUM_LIKELIHOOD.withZLoss(1e-4);
    TrainingPlan set = plan("own").steps(steps).objective(own).build();
    assertThat(trainer.choose(DATA, set, Cancellation.none()).objective()).isEqualTo(own);
  }

  @Test
  void a_model_grows_with_the_computing_and_not_beyond_the_data() {
    double minute = 1.7e13;
    long novel = 200_000;
    int last = 0;
    for (double flops = minute / 1000; flops < minute * 1e6; flops *= 10) {
      int size = ModelSize.of(flops, Long.MAX_VALUE).hiddenSize();
      assertThat(size).isGreaterThanOrEqualTo(last);
      last = size;
    }
    assertThat(last).isEqualTo(768);
    assertThat(ModelSize.of(minute, novel)).isEqualTo(ModelSize.SMALL);
    assertThat(ModelSize.of(minute * 1e6, novel).hiddenSize()).isLessThan(768);
    assertThat(ModelSize.of(minute, 1).hiddenSize()).isEqualTo(64);
  }
}

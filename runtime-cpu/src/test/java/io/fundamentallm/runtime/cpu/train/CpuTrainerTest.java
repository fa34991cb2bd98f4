package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.train.layer.Loss;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.CancellationException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CpuTrainerTest {
  /** A text of which the next token is a function of the last two. */
  private static final int[] TEXT =
      IntStream.range(0, 100_000).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;

  private TrainingPlan.Builder plan(String name) {
    return TrainingPlan.builder(folder.resolve(name))
        .architecture("gpt2(layers=1,heads=2,hidden-size=16)")
        .contextLength(8)
        .batchSize(4)
        .steps(120)
        .warmupSteps(10)
        .learningRate(1e-2, 1e-3)
        .validation(Validation.every(50));
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"architecture", "optimizer", "schedule", "averaging", "precision", "windows"})
  void a_recipe_that_nobody_knows_is_refused_before_a_directory_is_made(String kind) {
    TrainingPlan.Builder builder = plan("refused");
    switch (kind) {
      case "architecture" -> builder.architecture("nobody");
      case "optimizer" -> builder.optimizer("nobody");
      case "schedule" -> builder.schedule("nobody");
      case "averaging" -> builder.averaging("nobody");
      case "precision" -> builder.precision("nobody");
      default -> builder.windows("nobody");
    }
    TrainingPlan plan = builder.build();
    CpuTrainer trainer = new CpuTrainer(1);
    String message = "no " + kind + " \"nobody\"; there are ";
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.check(plan))
        .withMessageStartingWith(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.train(data(100, 0), plan))
        .withMessageStartingWith(message);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> trainer.local(data(100, 0), plan))
        .withMessageStartingWith(message);
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  @Test
  void mixed_precision_without_onednn_is_refused_before_a_directory_is_made() {
    Assumptions.assumeFalse(KernelSets.oneDnnRuns());
    TrainingPlan plan = plan("refused").precision("bf16").build();
    CpuTrainer trainer = new CpuTrainer(1);
    assertThatThrownBy(() -> trainer.train(data(100, 0), plan))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageStartingWith("precision=bf16 needs oneDNN: ")
        .hasMessageContaining("add org.bytedeco:dnnl, ");
    assertThat(folder.resolve("refused")).doesNotExist();
  }

  private static TrainingData data(int training, int validation) {
    return new TrainingData(
        new DigitTokenizer(),
        TokenSequence.of(java.util.Arrays.copyOf(TEXT, training)),
        TokenSequence.of(java.util.Arrays.copyOf(TEXT, validation)));
  }

  @Test
  void it_learns_what_follows_what_and_the_directory_opens() throws IOException {
    List<TrainingListener.Progress> steps = new ArrayList<>();
    List<TrainingListener.Evaluation> evaluations = new ArrayList<>();
    TrainingResult result =
        new CpuTrainer(2)
            .train(
                data(500, 100_000),
                plan("model").build(),
                new TrainingListener() {
                  @Override
                  public void onStep(Progress progress) {
                    steps.add(progress);
                  }

                  @Override
                  public void onEvaluation(Evaluation evaluation) {
                    evaluations.add(evaluation);
                  }
                });
    assertThat(steps).hasSize(120);
    assertThat(steps.get(0).loss()).isCloseTo(Math.log(10), within(0.3));
    assertThat(result.validationLoss()).isLessThan(0.8);
    assertThat(evaluations)
        .extracting(TrainingListener.Evaluation::step)
        .containsExactly(50, 100, 120);
    assertThat(evaluations)
        .extracting(TrainingListener.Evaluation::whole)
        .containsExactly(false, false, true);
    assertThat(result.perplexity()).isEqualTo(Math.exp(result.validationLoss()), within(1e-9));
    ModelDirectory model = ModelDirectory.read(result.modelDirectory());
    assertThat(model.config().vocabularySize()).isEqualTo(10);
    assertThat(model.begin()).hasValue(8);
    assertThat(model.end()).containsExactly(9);
  }

  @Test
  void the_same_seed_gives_the_same_bits_on_one_and_two_threads_and_another_seed_others()
      throws IOException {
    float[] one = trained(1, "one", 7);
    float[] two = trained(2, "two", 7);
    float[] other = trained(2, "other", 8);
    assertThat(two).isEqualTo(one);
    assertThat(other).isNotEqualTo(one);
  }

  private float[] trained(int threads, String name, long seed) throws IOException {
    TrainingPlan plan = plan(name).steps(20).seed(seed).build();
    new CpuTrainer(threads).train(data(500, 0), plan);
    return ModelDirectory.read(folder.resolve(name)).parameters();
  }

  @ParameterizedTest
  @ValueSource(booleans = {true, false})
  void a_trained_llama_is_the_model_that_is_opened(boolean tied) throws IOException {
    TrainingPlan plan =
        plan("llama")
            .architecture(
                "llama(layers=1,heads=4,key-value-heads=2,hidden-size=16,tied=" + tied + ")")
            .build();
    TrainingResult result = new CpuTrainer(2).train(data(500, 9), plan);
    assertThat(result.trainingLoss()).isLessThan(0.8);
    int[] in = java.util.Arrays.copyOf(TEXT, 8);
    float[][] rows = new float[8][10];
    try (LanguageModel model = LanguageModels.load(result.modelDirectory());
        Session session = model.open()) {
      assertThat(model.info().architecture()).isEqualTo("llama");
      session.append(in, rows);
    }
    double sum = 0;
    for (int t = 0; t < 8; t++) {
      double all = 0;
      for (float logit : rows[t]) {
        all += Math.exp(logit);
      }
      sum += Math.log(all) - rows[t][TEXT[t + 1]];
    }
    assertThat(sum / 8).isCloseTo(result.validationLoss(), within(1e-5));
  }

  @Test
  void the_validation_loss_is_that_of_the_saved_model() throws IOException {
    TrainingResult result = new CpuTrainer(2).train(data(500, 60), plan("model").build());
    ModelDirectory saved = ModelDirectory.read(result.modelDirectory());
    double sum = 0;
    io.fundamentallm.runtime.cpu.kernels.team.Parallel alone =
        io.fundamentallm.runtime.cpu.kernels.team.Parallel.ofThreads(1);
    TrainableTransformer model =
        new TrainableTransformer(
            saved.config(),
            io.fundamentallm.runtime.cpu.kernels.Kernels.best(),
            alone,
            saved.parameters(),
            Objective.MAXIMUM_LIKELIHOOD);
    int targets = 0;
    for (int from = 0; from < 59; from += 8) {
      int length = Math.min(8, 59 - from);
      int[] in = java.util.Arrays.copyOfRange(TEXT, from, from + length);
      int[] out = java.util.Arrays.copyOfRange(TEXT, from + 1, from + 1 + length);
      Loss loss = model.forward(in, out, 1, length);
      sum += loss.sum();
      targets += loss.count();
    }
    assertThat(targets).isEqualTo(59);
    assertThat(result.validationLoss()).isCloseTo(sum / targets, within(1e-6));
  }

  @Test
  void a_document_shorter_than_a_window_is_padded_with_targets_that_do_not_count()
      throws IOException {
    TrainingPlan plan = plan("model").steps(60).windows("documents").build();
    TrainingResult result = new CpuTrainer(1).train(data(3, 0), plan);
    assertThat(result.trainingLoss()).isLessThan(0.05);
    assertThat(result.validationLoss()).isNaN();
  }

  @Test
  void a_text_that_fills_no_window_is_refused_before_a_directory_is_made() {
    int window = plan("none").build().contextLength() + 1;
    Map<Integer, String> messages = new TreeMap<>();
    String expected = " to train on; expected at least 2 in the training part of the data";
    messages.put(0, "there is no token" + expected);
    messages.put(1, "there is only one token" + expected);
    messages.put(
        window - 1,
        "the text to train on has %1$d tokens; a window of contextLength %1$d and the token after it take %2$d. Train on a longer text, or set a contextLength of less than %1$d"
            .formatted(window - 1, window));
    messages.forEach(
        (tokens, message) -> {
          for (String windows : List.of("random", "chunks", "sliding(stride=1)")) {
            TrainingPlan plan = plan("none").windows(windows).build();
            assertThatThrownBy(() -> new CpuTrainer(1).train(data(tokens, 0), plan))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage(message);
          }
        });
    assertThat(folder.resolve("none")).doesNotExist();
  }

  @Test
  void a_text_of_one_window_is_trained_on() throws IOException {
    TrainingPlan plan = plan("model").steps(2).build();
    assertThat(new CpuTrainer(1).train(data(plan.contextLength() + 1, 0), plan).steps())
        .isEqualTo(2);
  }

  @Test
  void cancelling_writes_nothing() {
    int[] asked = {0};
    Cancellation cancellation = () -> asked[0]++ > 5;
    assertThatThrownBy(
            () -> new CpuTrainer(1).train(data(500, 50), plan("model").build(), cancellation))
        .isInstanceOf(CancellationException.class);
    assertThat(folder.resolve("model/config.json")).doesNotExist();
  }

  @Test
  void a_loss_that_is_no_longer_finite_ends_training_with_the_step_and_advice() {
    assertThatThrownBy(
            () ->
                new CpuTrainer(1)
                    .train(
                        data(500, 0),
                        plan("model").learningRate(1e30, 1e30).warmupSteps(0).build()))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at step ")
        .hasMessageContaining("Lower the learning rate");
    assertThat(folder.resolve("model/config.json")).doesNotExist();
  }

  @Test
  void weights_that_diverge_in_the_last_step_are_not_saved() {
    TrainingPlan plan = plan("model").steps(1).learningRate(1e30, 1e30).warmupSteps(0).build();
    assertThatThrownBy(() -> new CpuTrainer(1).train(data(500, 60), plan))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("at step 1");
    assertThat(folder.resolve("model/config.json")).doesNotExist();
  }

  @Test
  void an_output_directory_that_cannot_be_is_found_before_the_first_step() throws IOException {
    Files.writeString(folder.resolve("model"), "a file");
    int[] steps = {0};
    TrainingListener counting =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps[0]++;
          }
        };
    assertThatThrownBy(() -> new CpuTrainer(1).train(data(500, 0), plan("model").build(), counting))
        .isInstanceOf(IOException.class)
        .hasMessage(
            folder.resolve("model") + " is a file; expected a directory for the model's files");
    assertThat(steps[0]).isZero();
    TrainingPlan huge = plan("x").batchSize(65536).contextLength(65536).build();
    assertThatThrownBy(() -> new CpuTrainer(1).train(data(500, 0), huge))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("65536 windows of 65536 tokens");
  }

  @Test
  void a_directory_half_written_over_an_old_model_is_no_model() throws IOException {
    new CpuTrainer(1).train(data(500, 0), plan("model").steps(2).build());
    TrainingData failing =
        new TrainingData(
            new DigitTokenizer() {
              @Override
              public void save(Path modelDirectory) throws IOException {
                throw new IOException("disk full");
              }
            },
            data(500, 0).training(),
            TokenSequence.of());
    assertThatThrownBy(() -> new CpuTrainer(1).train(failing, plan("model").steps(3).build()))
        .hasMessage("disk full");
    assertThat(ModelFiles.supports(folder.resolve("model")).supported()).isFalse();
  }

  @Test
  void the_learning_rate_warms_up_linearly_and_falls_by_a_half_cosine() {
    TrainingPlan plan = plan("x").steps(110).warmupSteps(10).learningRate(1, 0.1).build();
    assertThat(LearningRate.of(plan).at(1)).isCloseTo(1.0 / 11, within(1e-12));
    assertThat(LearningRate.of(plan).at(10)).isCloseTo(10.0 / 11, within(1e-12));
    assertThat(LearningRate.of(plan).at(60)).isCloseTo(0.55, within(1e-12));
    assertThat(LearningRate.of(plan).at(110)).isCloseTo(0.1, within(1e-12));
  }
}

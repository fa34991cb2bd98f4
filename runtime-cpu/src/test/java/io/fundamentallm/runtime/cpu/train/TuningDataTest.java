package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Examples and pairs: what is asked of them at the start, and what a resumed training sees. */
@Tag("once")
class TuningDataTest {
  private static final TokenSequence TEXT =
      TokenSequence.of(IntStream.range(0, 100).map(i -> i * i % 7).toArray());

  @TempDir private Path folder;

  private Path base;

  @BeforeEach
  void base() throws IOException {
    base = folder.resolve("base");
    TrainingPlan plan =
        TrainingPlan.builder(base)
            .architecture("llama(layers=1,heads=2,hidden-size=8)")
            .contextLength(8)
            .batchSize(2)
            .steps(2)
            .warmupSteps(0)
            .build();
    train(plan, TEXT, TokenSequence.of());
  }

  private static TrainingResult train(
      TrainingPlan plan, TokenSequence training, TokenSequence validation) throws IOException {
    return new CpuTrainer(1)
        .train(new TrainingData(new DigitTokenizer(), training, validation), plan);
  }

  private TrainingPlan.Builder plan() {
    return TrainingPlan.builder(folder.resolve("model"))
        .fineTuning(FineTuning.of(base))
        .contextLength(8)
        .batchSize(2)
        .warmupSteps(0)
        .checkpoints(100, 1);
  }

  private TrainingPlan.Builder dpo() {
    return plan()
        .steps(3)
        .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLoss("dpo(beta=0.5)"));
  }

  private static MarkedTokens pairs(int count, int seed) {
    MarkedTokens pairs = new MarkedTokens();
    for (int i = 0; i < count; i++) {
      pairs.add(new int[] {seed, i, 3}, 2, true).add(new int[] {seed, i, 4}, 2, false);
    }
    return pairs;
  }

  private static MarkedTokens examples(int count) {
    MarkedTokens examples = new MarkedTokens();
    for (int i = 0; i < count; i++) {
      examples.add(new int[] {i, 1, 2, 3, 4, 5}, 3, true);
    }
    return examples;
  }

  @Test
  void what_the_first_model_said_of_pairs_is_not_taken_for_that_of_others() throws IOException {
    train(dpo().build(), pairs(4, 1), pairs(2, 2));
    for (String name : List.of("data.training", "data.validation", "data.tokenizer")) {
      assertThatIllegalArgumentException()
          .isThrownBy(
              () -> train(dpo().steps(6).resume("steps", name).build(), pairs(4, 5), pairs(2, 2)))
          .withMessageContaining("\"" + name + "\" cannot be changed when resuming with the loss");
    }
    for (int count : new int[] {4, 5}) {
      assertThatIOException()
          .isThrownBy(
              () -> train(dpo().steps(6).resume("steps").build(), pairs(count, 5), pairs(2, 2)))
          .withMessageContaining("continue with the same: data.training cannot change");
    }
    assertThat(train(dpo().steps(6).resume("steps").build(), pairs(4, 1), pairs(2, 2)).steps())
        .isEqualTo(6);
  }

  @Test
  void validation_without_anything_to_predict_is_refused_at_the_start() {
    List<String> steps = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            steps.add("step " + progress.step());
          }
        };
    MarkedTokens context = new MarkedTokens().add(new int[] {1, 2, 3}, 3, true);
    TrainingData data = new TrainingData(new DigitTokenizer(), examples(4), context);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> new CpuTrainer(1).train(data, plan().steps(2).build(), listener))
        .withMessageContaining("validation windows that are read have no target that counts");
    MarkedTokens cut = new MarkedTokens().add(new int[12], 10, true);
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> train(plan().steps(2).windows("packed(long=cut)").build(), examples(4), cut))
        .withMessageContaining("in the validation tokens: no example of 1 is left");
    assertThat(steps).isEmpty();
  }

  /** The model has two tables of angles, for sequences of up to four tokens and for longer ones. */
  @Test
  void examples_in_a_long_window_have_the_angles_of_short_sequences() throws IOException {
    Path model = Files.createDirectory(folder.resolve("longrope"));
    TinyModel.llama("llama", 16, 4, 2, 4, 20)
        .set(
            "rope_scaling",
            Map.of(
                "rope_type",
                "longrope",
                "original_max_position_embeddings",
                4,
                "short_factor",
                List.of(1.0, 1.0),
                "long_factor",
                List.of(2.0, 5.0)))
        .write(model);
    MarkedTokens two =
        new MarkedTokens()
            .add(new int[] {1, 2, 3, 4, 5}, 1, true)
            .add(new int[] {6, 5, 3, 4, 7}, 1, true);
    TrainingPlan.Builder plan =
        TrainingPlan.builder(folder.resolve("short"))
            .fineTuning(FineTuning.of(model))
            .contextLength(4)
            .batchSize(2)
            .steps(1)
            .warmupSteps(0);
    double apart = train(plan.build(), two, TokenSequence.of()).trainingLoss();
    plan = plan.build().toBuilder().contextLength(8).batchSize(1);
    assertThat(train(plan.build(), two, TokenSequence.of()).trainingLoss())
        .isCloseTo(apart, within(1e-6));
  }

  @Test
  void a_training_that_resumes_with_more_epochs_takes_their_steps() throws IOException {
    assertThat(train(plan().epochs(2).build(), examples(6), TokenSequence.of()).steps())
        .isEqualTo(6);
    assertThatIOException()
        .isThrownBy(() -> train(plan().epochs(5).resume().build(), examples(6), TokenSequence.of()))
        .withMessageContaining("it has epochs 2 and not 5; continue with the same, or name as")
        .withMessageContaining("what is to differ: epochs");
    TrainingPlan longer = plan().epochs(5).resume("epochs").build();
    assertThat(train(longer, examples(6), TokenSequence.of()).steps()).isEqualTo(15);
    TrainingPlan same = plan().epochs(5).resume().build();
    assertThat(train(same, examples(6), TokenSequence.of()).steps()).isEqualTo(15);
  }

  @Test
  void a_template_stays_where_the_tokenizer_does_not_write_it() throws IOException {
    Files.writeString(base.resolve("chat_template.jinja"), "{{ messages }}");
    Files.writeString(base.resolve("tokenizer_config.json"), "{\"eos_token\": \"9\"}");
    train(plan().steps(1).build(), examples(6), TokenSequence.of());
    for (String place : List.of("model", "model/checkpoint-1")) {
      assertThat(folder.resolve(place).resolve("chat_template.jinja")).hasContent("{{ messages }}");
      assertThat(folder.resolve(place).resolve("tokenizer_config.json"))
          .hasContent("{\"eos_token\": \"9\"}");
    }
    Tokenizer whole =
        new DigitTokenizer() {
          @Override
          public void save(Path modelDirectory) throws IOException {
            super.save(modelDirectory);
            Files.writeString(modelDirectory.resolve("tokenizer_config.json"), "{}");
          }
        };
    new CpuTrainer(1)
        .train(
            new TrainingData(whole, examples(6), TokenSequence.of()),
            plan().modelDirectory(folder.resolve("own")).steps(1).build());
    assertThat(folder.resolve("own/tokenizer_config.json")).hasContent("{}");
    assertThat(folder.resolve("own/chat_template.jinja")).doesNotExist();
  }
}

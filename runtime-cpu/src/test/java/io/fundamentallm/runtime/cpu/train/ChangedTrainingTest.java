package io.fundamentallm.runtime.cpu.train;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.TrainingStateFile;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.runtime.cpu.train.window.Fingerprint;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingListener.Progress;
import io.fundamentallm.training.TrainingObjective;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import io.fundamentallm.training.Validation;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Going on from a checkpoint with something else than it was trained with. */
@Tag("once")
class ChangedTrainingTest {
  private static final int[] TEXT = IntStream.range(0, 300).map(i -> i * i % 7).toArray();
  private static final int[] HELD_OUT = IntStream.range(0, 60).map(i -> i * 5 % 8).toArray();

  @TempDir private Path folder;

  private TrainingPlan.Builder plan() {
    return TrainingPlan.builder(folder.resolve("model"))
        .architecture("gpt2(layers=1,heads=2,hidden-size=8)")
        .contextLength(8)
        .batchSize(4)
        .steps(20)
        .warmupSteps(2)
        .learningRate(1e-2, 1e-3)
        .checkpoints(10, 2);
  }

  private static TrainingData data(int[] training, int[] validation) {
    return new TrainingData(
        new DigitTokenizer(), TokenSequence.of(training), TokenSequence.of(validation));
  }

  private static TrainingResult train(TrainingPlan plan, TrainingListener... listeners)
      throws IOException {
    return new CpuTrainer(1).train(data(TEXT, HELD_OUT), plan, listeners);
  }

  private void assertRefused(TrainingData data, TrainingPlan.Builder plan, String... differences) {
    assertThatIOException()
        .isThrownBy(() -> new CpuTrainer(1).train(data, plan.build()))
        .withMessageContaining(folder.resolve("model/checkpoint-20") + " cannot be resumed: it has")
        .satisfies(refusal -> assertThat(refusal).hasMessageContainingAll(differences));
  }

  private void assertRefused(String difference, UnaryOperator<TrainingPlan.Builder> change) {
    assertRefused(data(TEXT, HELD_OUT), change.apply(plan()).resume(), difference);
  }

  @Test
  void another_text_and_another_number_of_steps_are_refused_by_name() throws IOException {
    train(plan().build());
    float[] trained = ModelDirectory.read(folder.resolve("model")).parameters();
    int[] other = IntStream.range(0, 300).map(i -> (i + 1) * 5 % 8).toArray();
    assertRefused(
        data(other, HELD_OUT),
        plan().steps(40).resume(),
        "steps 20 and not 40",
        "data.training 300 tokens, CRC-32 ",
        "name as changed what is to differ: steps,data.training");
    assertRefused(
        data(TEXT, IntStream.range(0, 61).map(i -> i % 8).toArray()),
        plan().resume(),
        "data.validation 60 tokens, CRC-32 ",
        " and not 61 tokens, CRC-32 ");
    // the refused trainings left all as it was
    assertThat(ModelDirectory.read(folder.resolve("model")).parameters()).isEqualTo(trained);
    assertThat(train(plan().resume().build()).steps()).isEqualTo(20);
  }

  @Test
  void another_tokenizer_is_refused_by_name() throws IOException {
    train(plan().build());
    DigitTokenizer other =
        new DigitTokenizer() {
          @Override
          public byte[] bytes(int token) {
            return new byte[] {(byte) ('a' + token)};
          }
        };
    TrainingData same = data(TEXT, HELD_OUT);
    assertRefused(
        new TrainingData(other, same.training(), same.validation()),
        plan().resume(),
        "data.tokenizer 10 tokens, CRC-32 ");
    DigitTokenizer larger =
        new DigitTokenizer() {
          @Override
          public int size() {
            return 12;
          }
        };
    assertRefused(
        new TrainingData(larger, same.training(), same.validation()),
        plan().resume("data.tokenizer"),
        "vocabularySize 10 and not 12",
        "vocabularySize cannot change");
    assertRefused( // what follows from it does not hide it
        new TrainingData(larger, same.training(), same.validation()),
        plan().resume(),
        "it has another tokenizer, data.tokenizer 10 tokens, CRC-32 ",
        ", and with it differ vocabularySize; continue with the tokenizer that it began with");
  }

  @Test
  void each_setting_that_the_result_depends_on_is_refused_by_name() throws IOException {
    train(plan().build());
    assertRefused("seed 1337 and not 8", plan -> plan.seed(8));
    assertRefused("learningRate 0.01 and not 0.02", plan -> plan.learningRate(2e-2, 1e-3));
    assertRefused("minimumLearningRate 0.001 and not 0.002", plan -> plan.learningRate(1e-2, 2e-3));
    assertRefused("schedule cosine and not linear", plan -> plan.schedule("linear"));
    assertRefused("warmupSteps 2 and not 3", plan -> plan.warmupSteps(3));
    assertRefused("weightDecay 0.1 and not 0.0", plan -> plan.weightDecay(0));
    assertRefused("gradientClip 1.0 and not 2.0", plan -> plan.gradientClip(2));
    assertRefused(
        "undecayed [] and not [transformer.wte.weight]",
        plan -> plan.undecayed("transformer.wte.weight"));
    assertRefused("batchSize 4 and not 8", plan -> plan.batchSize(8));
    assertRefused("accumulation 1 and not 2", plan -> plan.accumulation(2));
    assertRefused("windows random and not chunks", plan -> plan.windows("chunks"));
    assertRefused(
        "objective.dropout 0.0 and not 0.1",
        plan -> plan.objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1)));
    assertRefused(
        "validation.keepBest false and not true",
        plan -> plan.validation(Validation.DEFAULT.withKeepBest(true)));
    assertRefused(
        "validation.patience 0 and not 3",
        plan -> plan.validation(Validation.DEFAULT.withPatience(3, 0)));
    assertRefused("averaging none and not ema", plan -> plan.averaging("ema"));
    assertRefused("contextLength 8 and not 4", plan -> plan.contextLength(4));
    assertRefused(
        "layers 1 and not 2", plan -> plan.architecture("gpt2(layers=2,heads=2,hidden-size=8)"));
    assertRefused(
        "fineTuning.model none and not TrainableConfig[",
        plan -> plan.fineTuning(FineTuning.of(base())));
  }

  @Test
  void a_seed_that_no_double_tells_from_the_old_one_is_another_seed() throws IOException {
    long seed = 1L << 53;
    train(plan().seed(seed).build());
    assertRefused("seed 9007199254740992 and not 9007199254740993", plan -> plan.seed(seed + 1));
  }

  @Test
  void with_or_without_adapters_is_no_change_that_a_checkpoint_takes() throws IOException {
    train(plan().build());
    FineTuning whole = FineTuning.of(base());
    FineTuning.Lora lora = new FineTuning.Lora(2, 4, List.of(), false);
    FineTuning adapters = new FineTuning(base(), List.of(), Optional.of(lora));
    Path first = folder.resolve("model");
    Files.move(first, folder.resolve("untuned"));
    train(plan().fineTuning(adapters).build());
    assertRefused("fineTuning.lora.rank 2 and not none", plan -> plan.fineTuning(whole));
    Files.move(first, folder.resolve("adapters"));
    train(plan().fineTuning(whole).build());
    assertRefused("fineTuning.lora.rank none and not 2", plan -> plan.fineTuning(adapters));
  }

  /** The windows change while nobody watches; who watches later compares with none before. */
  @Test
  void with_other_windows_the_best_loss_begins_anew_also_where_nothing_follows_from_it()
      throws IOException {
    // the one window of the first training is easy, the others are not
    int[] validation = IntStream.range(0, 60).map(i -> i < 9 ? TEXT[i] : i * 5 % 8).toArray();
    TrainingData data = data(TEXT, validation);
    Validation one = Validation.every(5).withWindows(1);
    Validation all = Validation.every(5).withWindows(6);
    new CpuTrainer(1).train(data, plan().validation(one).build());
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEvaluation(Evaluation evaluation) {
            if (!evaluation.whole()) {
              losses.add(evaluation.loss());
            }
          }
        };
    TrainingPlan unwatched = plan().validation(all).steps(40).resume("steps").build();
    new CpuTrainer(1).train(data, unwatched, listener);
    Path checkpoint = folder.resolve("model/checkpoint-40");
    assertThat(TrainingStateFile.read(checkpoint).numbers().get("best_loss"))
        .isEqualTo(losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
  }

  private Path base() {
    try {
      Path base = folder.resolve("base");
      if (!Files.exists(base)) {
        TrainingPlan plan = plan().build();
        ModelDirectory.read(plan.modelDirectory()).write(base);
      }
      return base;
    } catch (IOException e) {
      throw new java.io.UncheckedIOException(e);
    }
  }

  @Test
  void what_changes_no_bit_changes_freely() throws IOException {
    train(plan().build());
    Path moved = Files.move(folder.resolve("model"), folder.resolve("moved"));
    Validation seldom = Validation.every(3).withWindows(2).withSample("01", 2);
    TrainingPlan free =
        TrainingPlan.builder(moved)
            .architecture("gpt2(layers=1,heads=2,hidden-size=8)")
            .contextLength(8)
            .batchSize(4)
            .steps(20)
            .warmupSteps(2)
            .learningRate(1e-2, 1e-3)
            .validation(seldom)
            .checkpoints(7, 1)
            .resume()
            .build();
    assertThat(train(free).steps()).isEqualTo(20);
  }

  @Test
  void more_steps_that_are_named_go_on_as_the_longer_schedule_has_it() throws IOException {
    train(plan().build());
    List<Double> rates = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onStep(Progress progress) {
            rates.add(progress.learningRate());
          }
        };
    TrainingPlan longer = plan().steps(40).resume("steps").build();
    assertThat(train(longer, listener).steps()).isEqualTo(40);
    LearningRate schedule = LearningRate.of(longer);
    assertThat(rates)
        .containsExactlyElementsOf(IntStream.rangeClosed(21, 40).mapToObj(schedule::at).toList());
    assertThatIOException()
        .isThrownBy(() -> train(plan().resume("steps").build()))
        .withMessageContaining("checkpoint-40 cannot be resumed: it has 40 steps already")
        .withMessageContaining("and the plan 20");
  }

  @Test
  void a_warm_up_that_follows_from_the_steps_differs_with_them() throws IOException {
    train(plan().warmupSteps(2).steps(20).build());
    assertThatIOException()
        .isThrownBy(() -> train(plan().warmupSteps(4).steps(40).resume("learningRate").build()))
        .withMessageEndingWith("what is to differ: learningRate,steps");
    assertThat(train(plan().warmupSteps(4).steps(40).resume("steps").build()).steps())
        .isEqualTo(40);
  }

  @Test
  void a_constant_rate_trains_longer_to_the_bits_of_a_long_training() throws IOException {
    train(plan().schedule("constant").build());
    train(plan().schedule("constant").steps(40).resume("steps").build());
    float[] resumed = ModelDirectory.read(folder.resolve("model")).parameters();
    TrainingPlan.Builder straight = TrainingPlan.builder(folder.resolve("straight"));
    train(
        straight
            .architecture("gpt2(layers=1,heads=2,hidden-size=8)")
            .contextLength(8)
            .batchSize(4)
            .warmupSteps(2)
            .learningRate(1e-2, 1e-3)
            .schedule("constant")
            .steps(40)
            .build());
    assertThat(ModelDirectory.read(folder.resolve("straight")).parameters()).isEqualTo(resumed);
  }

  @Test
  void with_other_validation_tokens_the_best_loss_begins_anew() throws IOException {
    Validation best = Validation.every(5).withKeepBest(true).withPatience(9, 0);
    TrainingData easy = data(TEXT, TEXT);
    new CpuTrainer(1).train(easy, plan().validation(best).build());
    // all losses are higher than those before: were these kept, none would be the best
    TrainingData hard = data(TEXT, HELD_OUT);
    List<Double> losses = new ArrayList<>();
    TrainingListener listener =
        new TrainingListener() {
          @Override
          public void onEvaluation(Evaluation evaluation) {
            losses.add(evaluation.loss());
          }
        };
    TrainingPlan longer =
        plan().validation(best).steps(40).resume("steps", "data.validation").build();
    TrainingResult result = new CpuTrainer(1).train(hard, longer, listener);
    assertThat(result.validationLoss())
        .isEqualTo(losses.stream().mapToDouble(Double::doubleValue).min().orElseThrow());
    assertThat(losses).hasSize(6); // after 20, 25, 30, 35, 40 steps, and of the result
  }

  @Test
  void a_name_that_cannot_change_is_an_error_that_lists_the_others() {
    for (String name : List.of("layers", "stepz")) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> train(plan().resume(name).build()))
          .withMessageContaining("\"" + name + "\" cannot be changed")
          .withMessageContaining("schedule, seed, steps, undecayed");
    }
    assertThat(folder.resolve("model")).doesNotExist();
  }

  @Test
  void a_checkpoint_that_does_not_say_what_it_belongs_to_is_refused() throws IOException {
    train(plan().build());
    Files.writeString(
        folder.resolve("model/checkpoint-20/training_state.json"),
        "{\"plan\": \"adamw\", \"step\": 20}");
    assertThatIOException()
        .isThrownBy(() -> train(plan().resume().build()))
        .withMessageContaining("checkpoint-20 cannot be resumed: ")
        .withMessageContaining("training_state.json: has no \"settings\"");
  }

  @Test
  void a_fingerprint_changes_with_any_token_of_a_small_text() {
    String whole = Fingerprint.of(TokenSequence.of(TEXT));
    assertThat(whole).matches("300 tokens, CRC-32 [0-9a-f]{8}");
    for (int i : new int[] {0, 150, 299}) {
      int[] other = TEXT.clone();
      other[i]++;
      assertThat(Fingerprint.of(TokenSequence.of(other))).isNotEqualTo(whole);
    }
    assertThat(Fingerprint.of(TokenSequence.of())).startsWith("0 tokens, ");
  }

  /** Ten million tokens, of which blocks are read: the first, the last, and some between. */
  @Test
  void of_a_large_text_that_is_mapped_no_more_than_the_blocks_are_read() throws IOException {
    int count = 10_000_000;
    Path file = folder.resolve("tokens.bin");
    ByteBuffer bytes = ByteBuffer.allocate(2 * count).order(ByteOrder.LITTLE_ENDIAN);
    for (int i = 0; i < count; i++) {
      bytes.putShort((short) (i * 31 % 1000));
    }
    Files.write(file, bytes.array());
    long[] read = {0};
    TokenSequence mapped = TokenFile.open(file, 1000);
    TokenSequence counting =
        new TokenSequence() {
          @Override
          public long size() {
            return mapped.size();
          }

          @Override
          public void read(long from, int[] into, int offset, int tokens) {
            read[0] += tokens;
            mapped.read(from, into, offset, tokens);
          }
        };
    String whole = Fingerprint.of(counting);
    assertThat(read[0]).isEqualTo(1 << 22);
    assertThat(Fingerprint.of(mapped)).isEqualTo(whole);
    for (int changed : new int[] {0, count - 1}) {
      short before = bytes.getShort(2 * changed);
      bytes.putShort(2 * changed, (short) 999);
      Files.write(file, bytes.array());
      assertThat(Fingerprint.of(TokenFile.open(file, 1000))).isNotEqualTo(whole);
      bytes.putShort(2 * changed, before);
    }
  }
}

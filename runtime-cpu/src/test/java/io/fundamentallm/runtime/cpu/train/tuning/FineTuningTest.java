package io.fundamentallm.runtime.cpu.train.tuning;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.train.CpuTrainer;
import io.fundamentallm.runtime.cpu.train.DigitTokenizer;
import io.fundamentallm.runtime.cpu.train.parameter.NamePatterns;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TokenSequence;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

public class FineTuningTest {
  /** A text of which the next token is a function of the last two. */
  static final int[] TEXT = IntStream.range(0, 500).map(i -> i % 7 * (i % 7) % 7).toArray();

  @TempDir private Path folder;
  private Path base;

  @BeforeEach
  void folders() throws IOException {
    base = Files.createDirectory(folder.resolve("base"));
  }

  static TinyModel model(String type) {
    return type.equals("gpt2") ? TinyModel.gpt2() : TinyModel.llama(type, 16, 4, 2, 4, 20);
  }

  static TrainingPlan.Builder plan(Path directory, FineTuning tuning) {
    return TrainingPlan.builder(directory)
        .fineTuning(tuning)
        .contextLength(6)
        .batchSize(4)
        .steps(40)
        .warmupSteps(2)
        .learningRate(1e-2, 1e-3);
  }

  /** The losses of all steps. */
  static List<Double> train(TrainingPlan plan) throws IOException {
    TrainingData data =
        new TrainingData(
            new DigitTokenizer(), TokenSequence.of(TEXT), TokenSequence.of(new int[0]));
    List<Double> losses = new ArrayList<>();
    new CpuTrainer(2)
        .train(
            data,
            plan,
            new TrainingListener() {
              @Override
              public void onStep(Progress progress) {
                losses.add(progress.loss());
              }
            });
    return losses;
  }

  private static float[] of(float[] parameters, ParameterLayout.Tensor tensor) {
    return Arrays.copyOfRange(parameters, tensor.offset(), tensor.offset() + tensor.size());
  }

  @ParameterizedTest
  @CsvSource({"gpt2, F32", "gpt2, F16", "llama, F32", "llama, BF16", "mistral, BF16"})
  void training_goes_on_from_a_model_and_keeps_its_shape(String type, String precision)
      throws IOException {
    TinyModel start = model(type);
    if (type.equals("mistral")) {
      start.set("sliding_window", null).set("rope_theta", 1e6);
    }
    start.write(base, precision);
    Path result = folder.resolve("result");
    List<Double> losses = train(plan(result, FineTuning.of(base)).build());
    assertThat(losses.get(39)).isLessThan(0.6 * losses.get(0));
    ModelDirectory before = ModelDirectory.read(base);
    ModelDirectory after = ModelDirectory.read(result);
    assertThat(after.config()).isEqualTo(before.config());
    assertThat(after.parameters()).isNotEqualTo(before.parameters());
    assertThat(Files.readString(result.resolve("config.json"))).contains("\"" + type + "\"");
  }

  @ParameterizedTest
  @CsvSource({
    "gpt2, transformer.h.0.*, transformer.wte.weight",
    "llama, model.layers.1.self_attn.k_proj.weight, *norm*",
    "llama, model.embed_tokens.weight, model.layers.0.*"
  })
  void frozen_tensors_keep_their_bits_and_the_others_learn(String type, String one, String other)
      throws IOException {
    model(type).write(base);
    Path result = folder.resolve("result");
    FineTuning tuning = FineTuning.of(base).withFrozen(one, other);
    List<Double> losses = train(plan(result, tuning).weightDecay(0.5).build());
    assertThat(losses.get(39)).isLessThan(losses.get(0));
    ModelDirectory before = ModelDirectory.read(base);
    float[] after = ModelDirectory.read(result).parameters();
    ParameterLayout layout = new ParameterLayout(before.config());
    NamePatterns frozen = new NamePatterns("frozen", List.of(one, other));
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      boolean same = Arrays.equals(of(before.parameters(), tensor), of(after, tensor));
      assertThat(same).as(tensor.name()).isEqualTo(frozen.match(layout.prefix() + tensor.name()));
    }
  }

  @Test
  void what_is_trained_of_a_part_frozen_model_is_trained_as_in_the_whole() throws IOException {
    model("llama").write(base);
    String[] all = {"model.embed_tokens.weight", "model.layers.0.*", "*k_proj*", "*down*"};
    // of the first step alone: the gradients are those of the whole, unclipped
    TrainingPlan.Builder plan =
        plan(folder.resolve("whole"), FineTuning.of(base))
            .optimizer("sgd")
            .gradientClip(Double.POSITIVE_INFINITY)
            .steps(1)
            .warmupSteps(0);
    train(plan.build());
    train(
        plan(folder.resolve("part"), FineTuning.of(base).withFrozen(all))
            .optimizer("sgd")
            .gradientClip(Double.POSITIVE_INFINITY)
            .steps(1)
            .warmupSteps(0)
            .build());
    ModelDirectory whole = ModelDirectory.read(folder.resolve("whole"));
    float[] part = ModelDirectory.read(folder.resolve("part")).parameters();
    NamePatterns frozen = new NamePatterns("frozen", List.of(all));
    for (ParameterLayout.Tensor tensor : new ParameterLayout(whole.config()).tensors()) {
      if (!frozen.match(tensor.name())) {
        assertThat(of(part, tensor)).as(tensor.name()).isEqualTo(of(whole.parameters(), tensor));
      }
    }
  }

  @Test
  void positions_beyond_the_windows_do_not_decay() throws IOException {
    model("gpt2").write(base);
    Path result = folder.resolve("result");
    train(plan(result, FineTuning.of(base)).weightDecay(0.5).build());
    ModelDirectory before = ModelDirectory.read(base);
    float[] after = ModelDirectory.read(result).parameters();
    int at = new ParameterLayout(before.config()).positionEmbedding();
    int seen = at + 6 * 12;
    assertThat(Arrays.copyOfRange(after, seen, at + 8 * 12))
        .isEqualTo(Arrays.copyOfRange(before.parameters(), seen, at + 8 * 12));
    assertThat(after[seen - 1]).isNotEqualTo(before.parameters()[seen - 1]);
  }

  @Test
  void what_does_not_decay_is_named() throws IOException {
    model("gpt2").write(base);
    TrainingPlan.Builder plan =
        plan(folder.resolve("result"), FineTuning.of(base)).weightDecay(0.5).steps(1);
    TrainedTensors trained =
        TrainedTensors.of(
            plan.weightDecay(0.5).undecayed("transformer.wte.weight", "*.1.mlp.*").build(),
            new ParameterLayout(ModelDirectory.read(base).config()));
    assertThat(trained.tensors())
        .filteredOn(ParameterLayout.Tensor::decayed)
        .extracting(ParameterLayout.Tensor::name)
        .contains("wpe.weight", "h.0.mlp.c_fc.weight", "h.1.attn.c_attn.weight")
        .doesNotContain("wte.weight", "h.1.mlp.c_fc.weight", "h.1.mlp.c_proj.weight");
    assertThatThrownBy(() -> train(plan.weightDecay(0.5).undecayed("transformer.wpe").build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("undecayed \"transformer.wpe\" matches no tensor")
        .hasMessageContaining("transformer.wpe.weight");
  }

  private void refuses(TrainingPlan.Builder plan, String... messages) {
    assertThatThrownBy(() -> train(plan.build()))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessageContainingAll(messages);
  }

  @Test
  void what_does_not_fit_the_model_is_refused() throws IOException {
    model("gpt2").write(base);
    Path result = folder.resolve("result");
    refuses(
        plan(result, FineTuning.of(base)).contextLength(9),
        "contextLength 9 is more than the 8 positions of the model in "
            + base
            + "; set contextLength to at most that");
    refuses(plan(base, FineTuning.of(base)), base + " is the model to start from");
    refuses(
        plan(result, FineTuning.of(base).withFrozen("transformer.h.0.*", "h.1.mlp.c_fc.weight")),
        "frozen \"h.1.mlp.c_fc.weight\" matches no tensor",
        "nearest are transformer.h.1.mlp.c_fc.weight");
    refuses(plan(result, FineTuning.of(base).withFrozen("*")), "nothing is trained");
    TinyModel small = model("llama").set("vocab_size", 9);
    small.add("model.embed_tokens.weight", 9, 16).add("lm_head.weight", 9, 16).write(base);
    refuses(
        plan(result, FineTuning.of(base)),
        "the tokenizer has 10 tokens, but the model in " + base + " knows 9");
    TinyModel large = model("llama").set("vocab_size", 300);
    large.add("model.embed_tokens.weight", 300, 16).add("lm_head.weight", 300, 16).write(base);
    refuses(
        plan(result, FineTuning.of(base)),
        base + ": the tokenizer has only 10 ids but the model 300 logits");
  }
}

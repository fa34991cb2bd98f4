package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  private static final Path MODEL = Path.of("model");

  private static int[] all(TokenSequence sequence) {
    int[] tokens = new int[(int) sequence.size()];
    sequence.read(0, tokens, 0, tokens.length);
    return tokens;
  }

  @Test
  void the_defaults_are_the_small_character_model() {
    TrainingPlan plan = TrainingPlan.builder(MODEL).build();
    assertThat(plan.modelDirectory()).isEqualTo(MODEL);
    assertThat(
            List.of(
                plan.layers(),
                plan.heads(),
                plan.hiddenSize(),
                plan.contextLength(),
                plan.batchSize(),
                plan.steps(),
                plan.warmupSteps(),
                plan.validation().interval()))
        .containsExactly(4, 4, 128, 64, 12, 2000, 100, 250);
    assertThat(
            List.of(
                plan.learningRate(),
                plan.minimumLearningRate(),
                plan.weightDecay(),
                plan.gradientClip()))
        .containsExactly(1e-3, 1e-4, 0.1, 1.0);
    assertThat(plan.seed()).isEqualTo(1337);
  }

  @Test
  void every_setting_reaches_the_plan_and_its_copies() {
    TrainingPlan plan =
        TrainingPlan.builder(MODEL)
            .layers(1)
            .heads(2)
            .hiddenSize(6)
            .contextLength(3)
            .batchSize(4)
            .steps(5)
            .learningRate(0.2, 0)
            .warmupSteps(0)
            .weightDecay(0)
            .gradientClip(Double.POSITIVE_INFINITY)
            .undecayed("transformer.wpe.weight")
            .averaging("ema(decay=0.9)")
            .validation(Validation.every(7).withPatience(3, 0.01))
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1))
            .fineTuning(FineTuning.of(MODEL).withLora(FineTuning.Lora.ofRank(4)))
            .windows("sliding(stride=2)")
            .positions("sinusoidal")
            .seed(-8)
            .changed("steps", "seed", "steps")
            .build();
    for (TrainingPlan same : List.of(plan, plan.toBuilder().build())) {
      assertThat(same.changed()).containsExactlyInAnyOrder("steps", "seed");
      assertThat(same.layers()).isEqualTo(1);
      assertThat(same.heads()).isEqualTo(2);
      assertThat(same.hiddenSize()).isEqualTo(6);
      assertThat(same.contextLength()).isEqualTo(3);
      assertThat(same.batchSize()).isEqualTo(4);
      assertThat(same.steps()).isEqualTo(5);
      assertThat(same.learningRate()).isEqualTo(0.2);
      assertThat(same.minimumLearningRate()).isZero();
      assertThat(same.warmupSteps()).isZero();
      assertThat(same.weightDecay()).isZero();
      assertThat(same.gradientClip()).isInfinite();
      assertThat(same.undecayed()).containsExactly("transformer.wpe.weight");
      assertThat(same.averaging()).isEqualTo("ema(decay=0.9)");
      assertThat(same.validation().interval()).isEqualTo(7);
      assertThat(same.validation().patience()).isEqualTo(3);
      assertThat(same.validation().minimumImprovement()).isEqualTo(0.01);
      assertThat(same.objective().dropout()).isEqualTo(0.1);
      assertThat(same.fineTuning().orElseThrow().lora().orElseThrow().alpha()).isEqualTo(8);
      assertThat(same.windows()).isEqualTo("sliding(stride=2)");
      assertThat(same.positions()).isEqualTo("sinusoidal");
      assertThat(same.seed()).isEqualTo(-8);
    }
    plan.toBuilder().layers(9);
    assertThat(plan.layers()).isEqualTo(1);
  }

  @Test
  void a_llama_has_its_own_defaults() {
    TrainingPlan gpt2 = TrainingPlan.builder(MODEL).build();
    assertThat(gpt2.architecture()).isEqualTo("gpt2");
    assertThat(gpt2.innerSize()).isEqualTo(512);
    assertThat(gpt2.optimizer()).isEqualTo("adamw");
    assertThat(gpt2.schedule()).isEqualTo("cosine");
    TrainingPlan llama = gpt2.toBuilder().architecture("llama").build();
    assertThat(llama.innerSize()).isEqualTo(352);
    assertThat(llama.keyValueHeads()).isEqualTo(4);
    assertThat(llama.tiedEmbeddings()).isTrue();
    TrainingPlan other =
        llama.toBuilder()
            .keyValueHeads(2)
            .innerSize(7)
            .tiedEmbeddings(false)
            .optimizer("muon(momentum=0.9)")
            .schedule("wsd")
            .build();
    assertThat(other.keyValueHeads()).isEqualTo(2);
    assertThat(other.innerSize()).isEqualTo(7);
    assertThat(other.tiedEmbeddings()).isFalse();
    assertThat(other.optimizer()).isEqualTo("muon(momentum=0.9)");
    assertThat(other.schedule()).isEqualTo("wsd");
  }

  @Test
  void what_an_architecture_cannot_have_is_refused() {
    TrainingPlan.Builder builder = TrainingPlan.builder(MODEL);
    assertThatIllegalArgumentException()
        .isThrownBy(() -> builder.architecture("rwkv"))
        .withMessageContaining("rwkv")
        .withMessageContaining("gpt2 or llama");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingPlan.builder(MODEL).keyValueHeads(2).build())
        .withMessageContaining("llama");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingPlan.builder(MODEL).tiedEmbeddings(false).build())
        .withMessageContaining("tied");
    assertThatIllegalArgumentException()
        .isThrownBy(
            () -> TrainingPlan.builder(MODEL).architecture("llama").keyValueHeads(3).build())
        .withMessageContaining("3 keyValueHeads");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> TrainingPlan.builder(MODEL).architecture("llama").hiddenSize(12).build())
        .withMessageContaining("pairs");
    assertThatIllegalArgumentException().isThrownBy(() -> builder.optimizer("a,b"));
    assertThatIllegalArgumentException().isThrownBy(() -> builder.schedule("("));
  }

  @Test
  void values_out_of_range_are_refused_by_name() {
    TrainingPlan.Builder builder = TrainingPlan.builder(MODEL);
    assertRefused("layers 0 is not at least 1", () -> builder.layers(0));
    assertRefused("heads -1 is not at least 1", () -> builder.heads(-1));
    assertRefused("hiddenSize 0 is not at least 1", () -> builder.hiddenSize(0));
    assertRefused("contextLength 0 is not at least 1", () -> builder.contextLength(0));
    assertRefused("batchSize 0 is not at least 1", () -> builder.batchSize(0));
    assertRefused("steps 0 is not at least 1", () -> builder.steps(0));
    assertRefused("warmupSteps -1 is negative", () -> builder.warmupSteps(-1));
    assertRefused("interval 0 is not at least 1", () -> Validation.every(0));
    assertRefused("windows 0 is not", () -> Validation.DEFAULT.withWindows(0));
    assertRefused("patience -1 is not", () -> Validation.DEFAULT.withPatience(-1, 0));
    assertRefused(
        "minimumImprovement NaN is not", () -> Validation.DEFAULT.withPatience(1, Double.NaN));
    assertRefused("sampleTokens -1 is not", () -> Validation.DEFAULT.withSample("", -1));
    TrainingObjective objective = TrainingObjective.MAXIMUM_LIKELIHOOD;
    assertRefused("labelSmoothing 1.0 is not in [0, 1)", () -> objective.withLabelSmoothing(1));
    assertRefused("dropout -0.1 is not in [0, 1)", () -> objective.withDropout(-0.1));
    assertRefused("zLoss NaN is not at least 0", () -> objective.withZLoss(Double.NaN));
    assertRefused("rank 0 is not at least 1", () -> FineTuning.Lora.ofRank(0));
    assertRefused("alpha 0.0 is not above 0", () -> new FineTuning.Lora(1, 0, List.of(), false));
    assertRefused("expected learned or sinusoidal", () -> builder.positions("rotary"));
    assertRefused(
        "llama has rotary positions",
        () -> TrainingPlan.builder(MODEL).architecture("llama").positions("sinusoidal").build());
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(0.1, 0.2));
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(0.1, -0.1));
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(Double.NaN, 0));
    assertRefused("weightDecay -0.1 is not at least 0", () -> builder.weightDecay(-0.1));
    assertRefused("gradientClip 0.0 is not above 0", () -> builder.gradientClip(0));
    assertRefused("hiddenSize 128 is not a multiple of 3 heads", () -> builder.heads(3).build());
  }

  private static void assertRefused(String message, Runnable setting) {
    assertThatIllegalArgumentException().isThrownBy(setting::run).withMessageContaining(message);
  }

  @Test
  void documents_stand_between_begin_and_end_tokens() {
    TrainingData data =
        TrainingData.ofDocuments(ByteTokenizer.withBeginAndEnd(), List.of("ab", "c"), 1);
    assertThat(all(data.training())).containsExactly(256, 'a', 'b', 257, 256, 'c', 257);
    assertThat(data.validation().size()).isZero();
    assertThat(all(TrainingData.ofText(ByteTokenizer.plain(), "ab", 1).training()))
        .containsExactly('a', 'b');
  }

  @Test
  void the_end_of_the_tokens_is_for_validation() {
    TrainingData data = TrainingData.ofText(ByteTokenizer.plain(), "0123456789", 0.9);
    assertThat(all(data.training())).hasSize(9);
    assertThat(all(data.validation())).containsExactly('9');
    for (double bad : new double[] {0, -1, 1.01, Double.NaN}) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TrainingData.ofText(ByteTokenizer.plain(), "ab", bad))
          .withMessage("trainingFraction " + bad + " is not in (0, 1]");
    }
  }

  @Test
  void a_sequence_in_memory_is_a_copy_with_ends() {
    int[] tokens = {1, 2, 3};
    TokenSequence sequence = TokenSequence.of(tokens);
    tokens[1] = 9;
    int[] into = new int[4];
    sequence.read(1, into, 2, 2);
    assertThat(into).containsExactly(0, 0, 2, 3);
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> sequence.read(2, into, 0, 2));
    assertThatExceptionOfType(IndexOutOfBoundsException.class)
        .isThrownBy(() -> sequence.read(-1, into, 0, 2));
  }

  @Test
  void a_result_knows_its_perplexity() {
    TrainingResult result = new TrainingResult(MODEL, 1, 2, Math.log(4), 5, Duration.ofSeconds(1));
    assertThat(result.perplexity()).isEqualTo(4, org.assertj.core.api.Assertions.within(1e-12));
  }
}

package io.fundamentallm.training;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.Options;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class TrainingPlanTest {
  private static final Path MODEL = Path.of("model");

  private static int[] all(TokenSequence sequence) {
    int[] tokens = new int[(int) sequence.size()];
    sequence.read(0, tokens, 0, tokens.length);
    return tokens;
  }

  @Test
  void a_plan_with_an_architecture_has_fixed_defaults() {
    TrainingPlan plan = TrainingPlan.builder(MODEL).architecture("gpt2").build();
    assertThat(plan.open()).isEmpty();
    assertThat(plan.budget()).isEmpty();
    assertThat(plan.modelDirectory()).isEqualTo(MODEL);
    assertThat(
            List.of(
                plan.contextLength(),
                plan.batchSize(),
                plan.steps(),
                plan.warmupSteps(),
                plan.validation().interval()))
        .containsExactly(64, 12, 2000, 100, 250);
    assertThat(
            List.of(
                plan.optimizer(),
                plan.schedule(),
                plan.averaging(),
                plan.precision(),
                plan.windows()))
        .containsExactly("adamw", "cosine", "none", "f32", "random");
    assertThat(plan.checkpoints()).isEqualTo(new Checkpointing(0, 2, false, Set.of()));
    assertThat(
            List.of(
                plan.learningRate(),
                plan.minimumLearningRate(),
                plan.weightDecay(),
                plan.gradientClip()))
        .containsExactly(1e-3, 1e-4, 0.1, 1.0);
    assertThat(plan.seed()).isEqualTo(1337);
    TrainingPlan tuning = TrainingPlan.builder(MODEL).fineTuning(FineTuning.of(MODEL)).build();
    assertThat(tuning.open()).isEmpty();
    assertThat(tuning.optimizer()).isEqualTo("adamw");
  }

  @Test
  void a_plan_without_an_architecture_leaves_size_and_steps_to_the_trainer() {
    TrainingPlan plan = TrainingPlan.builder(MODEL).build();
    assertThat(plan.architecture()).isEqualTo("auto");
    assertThat(plan.open())
        .containsExactlyInAnyOrder(
            "architecture", "objective.dropout", "steps", "validation", "warmupSteps");
    assertThat(plan.budget()).contains(Duration.ofMinutes(1));
    assertThat(plan.windows()).isEqualTo("shifted");
    assertThat(plan.contextLength()).isEqualTo(256);
    assertThat(plan.optimizer()).isEqualTo("muon");
    TrainingPlan same = plan.toBuilder().build();
    assertThat(same.open()).isEqualTo(plan.open());
    assertThat(same.budget()).isEqualTo(plan.budget());
  }

  @Test
  void what_is_set_stays_as_it_is_set() {
    Duration budget = Duration.ofMinutes(5);
    TrainingPlan plan =
        TrainingPlan.builder(MODEL)
            .budget(budget)
            .optimizer("adamw")
            .contextLength(32)
            .validation(Validation.every(7))
            .windows("chunks")
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withLabelSmoothing(0.1))
            .build();
    assertThat(plan.open()).containsExactlyInAnyOrder("architecture", "steps", "warmupSteps");
    assertThat(plan.windows()).isEqualTo("chunks");
    assertThat(plan.budget()).contains(budget);
    assertThat(plan.contextLength()).isEqualTo(32);
    assertThat(plan.optimizer()).isEqualTo("adamw");
    assertThat(plan.learningRate()).isEqualTo(1e-3);
    TrainingPlan steps = TrainingPlan.builder(MODEL).steps(30).build();
    assertThat(steps.open())
        .containsExactlyInAnyOrder(
            "architecture", "objective.dropout", "validation", "warmupSteps");
    assertThat(steps.budget()).isEmpty();
    assertThat(steps.warmupSteps()).isEqualTo(3);
    TrainingPlan shaped = TrainingPlan.builder(MODEL).architecture("gpt2").budget(budget).build();
    assertThat(shaped.open()).containsExactlyInAnyOrder("steps", "warmupSteps");
    assertThat(shaped.toBuilder().warmupSteps(7).build().open()).containsExactly("steps");
    assertThat(shaped.toBuilder().steps(9).build().open()).isEmpty();
    for (Duration bad : List.of(Duration.ZERO, Duration.ofSeconds(-1))) {
      assertThatIllegalArgumentException()
          .isThrownBy(() -> TrainingPlan.builder(MODEL).budget(bad))
          .withMessageEndingWith("is not above 0");
    }
  }

  @Test
  void a_short_training_reaches_its_learning_rate() {
    TrainingPlan.Builder plan = TrainingPlan.builder(MODEL).architecture("gpt2");
    assertThat(plan.build().warmupSteps()).isEqualTo(100);
    assertThat(plan.steps(60).build().warmupSteps()).isEqualTo(6);
    assertThat(plan.steps(5000).build().warmupSteps()).isEqualTo(100);
    assertThat(plan.warmupSteps(30).steps(60).build().warmupSteps()).isEqualTo(30);
  }

  @Test
  void every_setting_reaches_the_plan_and_its_copies() {
    TrainingPlan plan =
        TrainingPlan.builder(MODEL)
            .architecture("mamba(state=16)")
            .optimizer("muon(momentum=0.9)")
            .schedule("wsd")
            .contextLength(3)
            .batchSize(4)
            .steps(5)
            .learningRate(0.2, 0)
            .warmupSteps(0)
            .weightDecay(0)
            .undecayed("transformer.wpe.weight")
            .gradientClip(Double.POSITIVE_INFINITY)
            .averaging("ema(decay=0.9)")
            .precision("bf16")
            .validation(Validation.every(7).withPatience(3, 0.01))
            .objective(TrainingObjective.MAXIMUM_LIKELIHOOD.withDropout(0.1))
            .fineTuning(FineTuning.of(MODEL).withLora(FineTuning.Lora.ofRank(4)))
            .windows("sliding(stride=2)")
            .seed(-8)
            .resume("steps", "seed", "steps")
            .checkpoints(10, 3)
            .build();
    for (TrainingPlan same : List.of(plan, plan.toBuilder().build())) {
      assertThat(same.checkpoints())
          .isEqualTo(new Checkpointing(10, 3, true, Set.of("steps", "seed")));
      assertThat(same.architecture()).isEqualTo("mamba(state=16)");
      assertThat(same.optimizer()).isEqualTo("muon(momentum=0.9)");
      assertThat(same.schedule()).isEqualTo("wsd");
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
      assertThat(same.precision()).isEqualTo("bf16");
      assertThat(same.validation().interval()).isEqualTo(7);
      assertThat(same.validation().patience()).isEqualTo(3);
      assertThat(same.validation().minimumImprovement()).isEqualTo(0.01);
      assertThat(same.objective().dropout()).isEqualTo(0.1);
      assertThat(same.fineTuning().orElseThrow().lora().orElseThrow().alpha()).isEqualTo(8);
      assertThat(same.windows()).isEqualTo("sliding(stride=2)");
      assertThat(same.seed()).isEqualTo(-8);
    }
    TrainingPlan.Builder builder = plan.toBuilder();
    TrainingPlan built = builder.steps(8).build();
    builder.steps(9).modelDirectory(Path.of("variant"));
    assertThat(List.of(plan.steps(), built.steps())).containsExactly(5, 8);
    assertThat(built.modelDirectory()).isEqualTo(plan.modelDirectory());
    assertThat(builder.build().modelDirectory()).isEqualTo(Path.of("variant"));
  }

  @Test
  void recipes_are_in_the_notation_of_specs_whatever_they_name() {
    TrainingPlan.Builder builder = TrainingPlan.builder(MODEL);
    assertThat(builder.optimizer("of-my-own(a=1)").build().optimizer()).isEqualTo("of-my-own(a=1)");
    for (String malformed : List.of("a,b", "(", "")) {
      assertThatIllegalArgumentException().isThrownBy(() -> builder.architecture(malformed));
      assertThatIllegalArgumentException().isThrownBy(() -> builder.optimizer(malformed));
      assertThatIllegalArgumentException().isThrownBy(() -> builder.schedule(malformed));
      assertThatIllegalArgumentException().isThrownBy(() -> builder.averaging(malformed));
      assertThatIllegalArgumentException().isThrownBy(() -> builder.precision(malformed));
      assertThatIllegalArgumentException().isThrownBy(() -> builder.windows(malformed));
    }
  }

  @Test
  void a_trainer_of_ones_own_resolves_recipes_of_its_own() {
    AtomicInteger states = new AtomicInteger();
    Trainer own =
        new Trainer() {
          @Override
          public void check(TrainingPlan plan) {
            Spec.Stage stage = Spec.single(plan.architecture());
            Options options = Options.of(stage.name(), stage.options());
            states.set(options.integer("state", 16, 1, 64));
            options.requireAllUsed();
          }

          @Override
          public TrainingResult train(
              TrainingData data,
              TrainingPlan plan,
              Cancellation cancellation,
              TrainingListener... listeners) {
            throw new UnsupportedOperationException();
          }
        };
    own.check(TrainingPlan.builder(MODEL).architecture("mamba(state=32)").build());
    assertThat(states).hasValue(32);
    assertRefused(
        "stage \"mamba\" has no option \"heads\"; it takes: state",
        () -> own.check(TrainingPlan.builder(MODEL).architecture("mamba(heads=2)").build()));
  }

  @Test
  void values_out_of_range_are_refused_by_name() {
    TrainingPlan.Builder builder = TrainingPlan.builder(MODEL);
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
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(0.1, 0.2));
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(0.1, -0.1));
    assertRefused("0 <= minimum <= highest", () -> builder.learningRate(Double.NaN, 0));
    assertRefused("weightDecay -0.1 is not at least 0", () -> builder.weightDecay(-0.1));
    assertRefused("gradientClip 0.0 is not above 0", () -> builder.gradientClip(0));
    assertRefused("accumulation 0 is not at least 1", () -> builder.accumulation(0));
    assertRefused("checkpoint interval -1 is negative", () -> builder.checkpoints(-1, 1));
    assertRefused("0 is not at least 1", () -> builder.checkpoints(1, 0));
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
  void nothing_is_trained_on_nothing() {
    ByteTokenizer bytes = ByteTokenizer.withBeginAndEnd();
    assertRefused("the text to train on is empty", () -> TrainingData.ofText(bytes, "", 0.9));
    assertRefused(
        "all 2 documents to train on are empty",
        () -> TrainingData.ofDocuments(bytes, List.of("", ""), 1));
    assertRefused(
        "there is no document to train on; expected at least one",
        () -> TrainingData.ofDocuments(bytes, List.of(), 1));
    assertThat(all(TrainingData.ofDocuments(bytes, List.of("", "a"), 1).training()))
        .containsExactly(256, 257, 256, 'a', 257);
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
    assertThat(new TrainingResult(MODEL, 1, 2, 1, 5, Duration.ZERO, true).perplexity()).isNaN();
  }

  @Test
  void in_words_a_tuning_is_named_by_the_model_it_starts_from() {
    FineTuning adapters =
        FineTuning.of(Path.of("base")).withLora(new FineTuning.Lora(8, 16, List.of(), true));
    assertThat(TrainingPlan.supervised(Path.of("tuned"), adapters).build())
        .asString()
        .startsWith(
            "fine-tuning of base; adapters of rank 8, alpha 16.0, on all linear layers, merged");
  }

  @Test
  void in_words_steps_that_are_too_few_are_said_to_be() {
    TrainingPlan.Builder tuning = TrainingPlan.supervised(MODEL, FineTuning.of(Path.of("base")));
    assertThat(tuning.steps(2).build())
        .asString()
        .endsWith("2 steps (few to learn from: set more epochs, or steps)");
    assertThat(tuning.steps(100).build()).asString().endsWith("100 steps");
    TrainingPlan.Builder text = TrainingPlan.builder(MODEL).budget(Duration.ofSeconds(3));
    assertThat(text.steps(10).build())
        .asString()
        .endsWith("10 steps for 0:03 (few to learn from: set a longer budget, or steps)");
    assertThat(text.steps(100).build()).asString().endsWith("100 steps for 0:03");
    assertThat(TrainingPlan.builder(MODEL).steps(10).build()).asString().endsWith("10 steps");
  }

  @Test
  void in_words_rates_have_no_exponent_and_one_step_is_one() {
    TrainingPlan plan =
        TrainingPlan.builder(MODEL).steps(1).learningRate(2.5e-4, 1e-4).warmupSteps(1).build();
    assertThat(plan).asString().contains(" at 0.00025").endsWith(", 1 step");
    assertThat(PlanRows.of(plan, null, null))
        .containsEntry("schedule", "cosine, 0.00025 to 0.0001, warm-up of 1 step");
  }

  @Test
  void the_warm_up_of_few_steps_of_tuning_is_a_tenth_of_them() {
    FineTuning from = FineTuning.of(Path.of("base"));
    for (TrainingPlan.Builder recipe :
        List.of(TrainingPlan.supervised(MODEL, from), TrainingPlan.preferences(MODEL, from))) {
      assertThat(recipe.build().open()).contains("warmupSteps");
      assertThat(recipe.steps(16).build().warmupSteps()).isEqualTo(1);
      assertThat(recipe.steps(5000).build().warmupSteps()).isEqualTo(10);
      assertThat(recipe.warmupSteps(12).steps(16).build().warmupSteps()).isEqualTo(12);
    }
  }

  @Test
  void the_warm_up_grows_with_the_steps_of_a_plan_that_is_built_upon() {
    FineTuning from = FineTuning.of(Path.of("base"));
    TrainingPlan tuning = TrainingPlan.supervised(MODEL, from).steps(16).build();
    assertThat(tuning.warmupSteps()).isEqualTo(1);
    assertThat(tuning.toBuilder().steps(5000).build().warmupSteps()).isEqualTo(10);
    TrainingPlan text = TrainingPlan.builder(MODEL).architecture("gpt2").steps(16).build();
    assertThat(text.warmupSteps()).isEqualTo(1);
    assertThat(text.toBuilder().steps(5000).build().warmupSteps()).isEqualTo(100);
    TrainingPlan automatic = TrainingPlan.builder(MODEL).build();
    assertThat(automatic.warmupSteps()).isEqualTo(50);
    assertThat(automatic.toBuilder().architecture("gpt2").build().warmupSteps()).isEqualTo(100);
  }

  @Test
  void a_budget_takes_the_place_of_a_recipes_epochs_and_not_of_set_ones() {
    FineTuning from = FineTuning.of(Path.of("base"));
    for (TrainingPlan.Builder recipe :
        List.of(TrainingPlan.supervised(MODEL, from), TrainingPlan.preferences(MODEL, from))) {
      TrainingPlan plan = recipe.budget(Duration.ofSeconds(5)).build();
      assertThat(plan.epochs()).isZero();
      assertThat(plan.open()).contains("steps");
      assertThat(plan).asString().endsWith("as many steps as there is time for 0:05");
      assertThat(recipe.epochs(3).build().epochs()).isEqualTo(3);
      assertThat(recipe.budget(Duration.ofSeconds(6)).build().epochs()).isEqualTo(3);
    }
  }

  @Test
  void in_a_table_epochs_stand_only_where_they_decide() {
    TrainingPlan.Builder tuning = TrainingPlan.supervised(MODEL, FineTuning.of(Path.of("base")));
    assertThat(PlanRows.of(tuning.build(), null, null)).containsEntry("epochs", "5");
    assertThat(PlanRows.of(tuning.steps(200).build(), null, null))
        .containsEntry("steps", "200")
        .doesNotContainKey("epochs");
  }
}

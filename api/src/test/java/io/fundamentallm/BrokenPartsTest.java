package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Recipe;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenConstraint;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.spi.DecoderProvider;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Provider;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.spi.TrainerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.Trainer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.UnaryOperator;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts of other authors that do what none should: the error names them. */
class BrokenPartsTest {
  @TempDir Path folder;

  /** As code that knows nothing of null annotations gives it. */
  @SuppressWarnings({"NullAway", "TypeParameterUnusedInFormals"})
  private static <T> T nothing() {
    return null;
  }

  private record NoStage(String name) implements SamplerProvider {
    @Override
    public SamplerStage create(Options options) {
      return nothing();
    }
  }

  private record NoDecoder(String name) implements DecoderProvider {
    @Override
    public Decoder create(Options options) {
      return nothing();
    }
  }

  private record NoTrainer(String name) implements TrainerProvider {
    @Override
    public Trainer create(Options options) {
      return nothing();
    }
  }

  private record NoTokenizer(String name) implements TokenizerProvider {
    @Override
    public Support supports(Path path) {
      return Support.yes("why not");
    }

    @Override
    public Tokenizer load(Path path, Options options) {
      return nothing();
    }

    @Override
    public Tokenizer learn(
        Iterable<? extends CharSequence> documents, Options options, Learning learning) {
      return nothing();
    }
  }

  private record NoModel(String name) implements LanguageModelProvider {
    @Override
    public Support supports(Path directory) {
      return Support.yes("why not");
    }

    @Override
    public LanguageModel load(Path directory, Options options) {
      return nothing();
    }
  }

  private record NoSupport(String name) implements LanguageModelProvider {
    @Override
    public Support supports(Path directory) {
      return nothing();
    }

    @Override
    public LanguageModel load(Path directory, Options options) {
      throw new AssertionError("not asked for");
    }
  }

  private static void assertBlamed(Provider provider, ThrowingCallable lookup) {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(lookup)
        .withMessageStartingWith("provider " + provider.getClass().getName() + " from ")
        .withMessageEndingWith(" returned null for \"broken\"; expected a part");
  }

  @Test
  void a_provider_that_returns_null_is_named() {
    Provider sampler = new NoStage("broken");
    assertBlamed(sampler, () -> Samplers.parse("broken", Registry.of().with(sampler)));
    assertBlamed(sampler, () -> Samplers.constraint("broken", Registry.of().with(sampler)));
    Provider decoder = new NoDecoder("broken");
    assertBlamed(decoder, () -> Decoders.parse("broken", Registry.of().with(decoder)));
    Provider trainer = new NoTrainer("broken");
    assertBlamed(trainer, () -> Trainers.parse("broken", Registry.of().with(trainer)));
    Provider tokenizer = new NoTokenizer("broken");
    Registry tokenizers = Registry.of().with(tokenizer);
    assertBlamed(tokenizer, () -> Tokenizers.load(folder, tokenizers));
    assertBlamed(tokenizer, () -> Tokenizers.learn("broken", List.of("a text"), tokenizers));
    assertBlamed(tokenizer, () -> TextGenerator.load(folder, tokenizers));
    Provider model = new NoModel("broken");
    Registry models = Registry.of().with(model);
    assertBlamed(model, () -> LanguageModels.load(folder, models));
    assertBlamed(model, () -> LanguageModels.load(folder, "broken", models));
    assertBlamed(model, () -> LanguageModels.shared(folder, models));
  }

  @Test
  void one_that_does_not_say_whether_it_supports_a_place_does_not() {
    Path file = folder.resolve("file");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(
            () -> {
              Files.createFile(file);
              LanguageModels.load(folder, Registry.of().with(new NoSupport("broken")));
            })
        .withMessageContaining("broken: it failed to check: it returned null");
  }

  /** A stage that is bound to something, or does something to the score of token 0. */
  private record Stage(String name, SamplerStage stage) implements SamplerProvider {
    @Override
    public SamplerStage create(Options options) {
      return stage;
    }

    static Stage scoring(UnaryOperator<Float> scores) {
      return new Stage(
          "mine",
          SamplerStage.processor(
              binding -> step -> step.logits().setScore(0, scores.apply(step.logits().score(0)))));
    }
  }

  private static String generate(Stage stage, float first) {
    return generate(stage, first, "mine,greedy");
  }

  private static String generate(Stage stage, float first, String sampler) {
    ToyModel model =
        new ToyModel(
            ToyModel.info(258, 32).build(), (tokens, length, logits) -> Arrays.fill(logits, first));
    try (TextGenerator generator =
        TextGenerator.of(ByteTokenizer.plain(), model, Registry.of().with(stage))) {
      return generator.withSampler(sampler).withMaxNewTokens(2).generate("abc");
    }
  }

  @Test
  void a_stage_that_sets_what_is_no_score_is_blamed_and_not_the_model() {
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> generate(Stage.scoring(score -> Float.NaN), 1))
        .withMessage(
            "stage \"mine\": the logit of token 0 at position 3 was set to NaN; it was 1.0");
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> generate(Stage.scoring(score -> score / 0), 1))
        .withMessageContaining("stage \"mine\": the logit of token 0 at position 3");
  }

  @Test
  void so_is_one_that_chooses() {
    Sampler broken =
        step -> {
          step.logits().setScore(0, Float.NaN);
          return 0;
        };
    Stage choosing = new Stage("mine", SamplerStage.choice(binding -> broken));
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> generate(choosing, 1, "mine"))
        .withMessage(
            "stage \"mine\": the logit of token 0 at position 3 was set to NaN; it was 1.0");
  }

  @Test
  void a_stage_that_gives_a_token_outside_the_vocabulary_is_named() {
    for (int outside : new int[] {258, 1_000_000, -7}) {
      Stage forcing =
          new Stage(
              "mine",
              SamplerStage.processor(
                  binding ->
                      new LogitsProcessor() {
                        @Override
                        public void process(Step step) {}

                        @Override
                        public int forced(Step step) {
                          return outside;
                        }
                      }));
      Stage choosing = new Stage("mine", SamplerStage.choice(binding -> step -> outside));
      for (ThrowingCallable generation :
          List.<ThrowingCallable>of(
              () -> generate(forcing, 1), () -> generate(choosing, 1, "mine"))) {
        assertThatIllegalStateException()
            .isThrownBy(generation)
            .withMessage(
                "stage \"mine\" chose token "
                    + outside
                    + "; expected one of the vocabulary, in [0, 258)");
      }
    }
  }

  /** An application's own, which no stage of a spec made. */
  private record Forcing(int token) implements TokenConstraint, Sampler {
    @Override
    public long[] mask() {
      return new long[] {-1, -1, -1, -1, -1};
    }

    @Override
    public int forced() {
      return token;
    }

    @Override
    public int sample(Step step) {
      return token;
    }

    @Override
    public void accept(int accepted) {}

    @Override
    public Forcing fork() {
      return this;
    }

    @Override
    public void rollback(int tokens) {}
  }

  @Test
  void so_is_the_sampler_or_the_constraint_of_an_application() {
    ToyModel model = new ToyModel(ToyModel.info(258, 32).build(), ToyModel.hashing());
    for (int outside : new int[] {258, 1_000_000, -7}) {
      Forcing broken = new Forcing(outside);
      for (TextGenerator generator :
          List.of(
              TextGenerator.of(ByteTokenizer.plain(), model)
                  .with(options -> options.constraint(binding -> broken)),
              TextGenerator.of(ByteTokenizer.plain(), model)
                  .with(options -> options.sampler(binding -> broken)))) {
        assertThatIllegalStateException()
            .isThrownBy(() -> generator.withMaxNewTokens(2).generate("abc"))
            .withMessage(
                "the sampler or a constraint chose token "
                    + outside
                    + "; expected one of the vocabulary, in [0, 258)");
      }
    }
  }

  @Test
  void what_the_model_says_is_not_blamed_on_a_stage() {
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> generate(Stage.scoring(score -> score + 1), Float.NaN))
        .withMessage("the logit of token 0 at position 3 is NaN");
    Stage looking =
        new Stage("mine", SamplerStage.processor(binding -> step -> step.logits().maximum()));
    assertThatExceptionOfType(NotFiniteException.class)
        .isThrownBy(() -> generate(looking, Float.NaN))
        .withMessage("the logit of token 0 at position 3 is NaN");
  }

  @Test
  void a_stage_that_is_bound_to_null_is_named() {
    for (SamplerStage stage :
        List.of(
            SamplerStage.processor(binding -> nothing()),
            SamplerStage.constraint(binding -> nothing()),
            SamplerStage.choice(binding -> nothing()))) {
      Recipe<Sampler> recipe = Samplers.parse("mine", Registry.of().with(new Stage("mine", stage)));
      assertThatIllegalStateException()
          .isThrownBy(() -> recipe.bind(Binding.of(ModelInfo.builder("none", 4, 8).build())))
          .withMessage("stage \"mine\" was bound to null; expected what it does in a generation");
    }
    assertThatNullPointerException()
        .isThrownBy(() -> SamplerStage.processor(nothing()))
        .withMessage("bind");
    assertThatNullPointerException()
        .isThrownBy(() -> SamplerStage.named("mine", nothing()))
        .withMessage("stage");
  }
}

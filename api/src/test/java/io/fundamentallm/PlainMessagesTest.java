package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.assertThatNullPointerException;

import io.fundamentallm.Stubs.Bytes;
import io.fundamentallm.Stubs.Temperature;
import io.fundamentallm.Stubs.Toys;
import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Spec;
import io.fundamentallm.text.ChatMessage;
import io.fundamentallm.text.ChatPrompt;
import io.fundamentallm.text.ChatTool;
import io.fundamentallm.text.EncodingOptions;
import io.fundamentallm.training.Trainer;
import io.fundamentallm.training.TrainingData;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Mistakes that people make at first, and what they are told. */
class PlainMessagesTest {
  private static final ByteTokenizer BYTES = ByteTokenizer.withBeginAndEnd();

  @TempDir private Path folder;

  private final Registry registry =
      Registry.of()
          .with(
              new Toys("toy", 0, "model", model -> {}),
              new Bytes("model"),
              new Temperature("temperature", 0),
              new Temperature("top-p", 0));

  private static void refused(String message, ThrowingCallable call) {
    assertThatIllegalArgumentException().isThrownBy(call).withMessage(message);
  }

  @Test
  void a_spec_of_nothing_says_what_to_write() {
    for (String nothing : new String[] {"", "  "}) {
      refused(
          "the sampler is empty; write a stage, such as greedy",
          () -> Samplers.parse(nothing, registry));
      refused(
          "the decoder is empty; write one, such as beam(width=4)",
          () -> Decoders.parse(nothing, registry));
      refused(
          "the trainer is empty; write one, such as cpu", () -> Trainers.parse(nothing, registry));
      refused(
          "the runtime is empty; write one, such as cpu",
          () -> LanguageModels.load(folder, nothing, registry));
      refused(
          "the tokenizer is empty; write a kind to learn, such as auto",
          () -> Tokenizers.learn(nothing, "text"));
      refused(
          "the spec is empty; write a name, with its options if it needs some",
          () -> TrainingPlan.builder(folder).optimizer(nothing));
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '#',
      value = {
        "temperature=0.8;top-p=0.9 # stages # ; # 15",
        "temperature=0.8 ; top-p=0.9 # stages # ; # 16",
        "greedy;draw # stages # ; # 6",
        "temperature=0.8|top-p(value=0.9) # stages # | # 15",
        "temperature=0.8,top-k=3&top-p=0.9 # stages # & # 23",
        "beam(width=4;length-penalty=0.6) # options # ; # 12",
        "beam(width=4,stop=a);greedy # stages # ; # 20"
      })
  void another_separator_is_named_with_its_place(String spec, String what, String found, int at) {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse(spec))
        .withMessageStartingWith(
            "%s are separated by \",\"; found \"%s\" at position %d in: %s"
                .formatted(what, found, at, spec));
  }

  @Test
  void a_separator_within_a_value_is_the_values() {
    assertThat(Spec.parse("choice(of=a;b|c&d)").stages().get(0).options())
        .containsEntry("of", "a;b|c&d");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse("regex=a;b-c(d)"))
        .withMessageContaining("stages are separated by");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Spec.parse("regex=ab(d)"))
        .withMessageContaining("has to be in quotes");
  }

  @Test
  void a_file_that_is_none_of_a_model_is_no_model() throws IOException {
    Path text = Files.writeString(folder.resolve("file.txt"), "It is a truth");
    String model = text + " is no model: expected a directory or a .gguf file";
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(text, registry))
        .withMessage(model);
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(text, registry))
        .withMessage(model);
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(text, registry))
        .withMessage(
            text
                + " is no tokenizer: expected a model's directory, a .gguf file, or a file such as"
                + " tokenizer.json");
    Path broken = Files.writeString(folder.resolve("broken.gguf"), "GG");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(broken, registry))
        .withMessageContaining("Asked, with their reasons:");
  }

  @Test
  void a_runtime_is_not_called_after_what_it_uses() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(folder, "cuda", registry))
        .withMessageStartingWith(
            "no runtime named \"cuda\". CUDA is used by \"gpu\", which runs ONNX. Found: toy.")
        .withMessageContaining("io.fundamentallm:fundamentallm-runtime-gpu");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(folder, "onnxruntime", registry))
        .withMessageContaining("ONNX Runtime is used by \"gpu\", which runs ONNX.");
  }

  @Test
  void what_only_runs_models_does_not_train() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Trainers.parse("gpu", registry))
        .withMessageStartingWith("no trainer named \"gpu\". \"gpu\" only runs models.")
        .withMessageNotContaining("Did you mean");
  }

  private static void isNull(String message, ThrowingCallable call) {
    assertThatNullPointerException().isThrownBy(call).withMessage(message);
  }

  @Test
  void a_missing_element_is_named_with_its_index() {
    ToyModel model = new ToyModel(ToyModel.info(258, 32).build(), ToyModel.hashing());
    TextGenerator generator = TextGenerator.of(BYTES, model, registry);
    isNull("prompts[1] is null", () -> generator.generateAll(Arrays.asList("a", null)));
    isNull("prompts", () -> generator.generateAll(null));
    isNull("stopStrings[0] is null", () -> generator.withStops(new String[] {null}));
    isNull(
        "stopStrings[1] is null",
        () -> generator.with(options -> options.stopStrings(Arrays.asList("a", null))));
    isNull("documents[2] is null", () -> Tokenizers.learn("byte", "a", "b", null));
    isNull(
        "documents[1] is null",
        () -> TrainingData.ofDocuments(BYTES, Arrays.asList("a", null), 0.5));
    ChatMessage hello = ChatMessage.user("hello");
    isNull("messages[1] is null", () -> ChatPrompt.builder(Arrays.asList(hello, null)));
    isNull(
        "tools[0] is null",
        () -> ChatPrompt.of(List.of(hello)).toBuilder().tools(Arrays.asList((ChatTool) null)));
    isNull("providers[1] is null", () -> Registry.of().with(new Bytes("x"), null));
    isNull(
        "texts[1] is null",
        () -> BYTES.encodeAll(Arrays.asList("a", null), EncodingOptions.builder().build()));
    ModelComparer comparer = ModelComparer.of(BYTES, model, model);
    isNull(
        "sequences[1] is null",
        () -> comparer.compareTokens(Arrays.asList(new int[] {1, 2}, null)));
  }

  @Test
  void a_cache_directory_that_cannot_be_made_says_why() throws IOException {
    Path file = Files.writeString(folder.resolve("file"), "");
    for (Path directory : new Path[] {file, file.resolve("below")}) {
      assertThatIOException()
          .isThrownBy(() -> PrefixCache.builder().directory(directory, "bytes", 1))
          .withMessageStartingWith(
              "the directory " + directory + " for remembered prompts cannot be created (")
          .withMessageNotContaining("Exception");
    }
  }

  @Test
  void a_plan_is_checked_by_a_trainer_when_it_is_built() {
    refused(
        "no adam",
        () ->
            TrainingPlan.builder(folder)
                .optimizer("adam")
                .build(
                    new Trainer() {
                      @Override
                      public void check(TrainingPlan plan) {
                        throw new IllegalArgumentException("no " + plan.optimizer());
                      }

                      @Override
                      public TrainingResult train(
                          TrainingData data,
                          TrainingPlan plan,
                          Cancellation cancellation,
                          TrainingListener... listeners) {
                        throw new AssertionError();
                      }
                    }));
  }
}

package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Stubs.Bytes;
import io.fundamentallm.Stubs.FilesOnly;
import io.fundamentallm.Stubs.NoTrainer;
import io.fundamentallm.Stubs.Plain;
import io.fundamentallm.Stubs.Toys;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.training.Trainer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Parts by name, by what they support, and by what the process configured. */
class ConfiguredPartsTest {
  @TempDir private static Path some;

  private static Path modelPlace;
  private static Path brokenPlace;

  @BeforeAll
  static void directories() throws IOException {
    modelPlace = Files.createDirectory(some.resolve("model"));
    brokenPlace = Files.createDirectory(some.resolve("broken"));
    Files.writeString(modelPlace.resolve("notes.txt"), "no model");
    Files.writeString(brokenPlace.resolve("notes.txt"), "no model");
  }

  @AfterEach
  void unconfigure() {
    for (String kind : List.of("sampler", "decoder", "runtime", "tokenizer", "trainer")) {
      System.clearProperty("fundamentallm." + kind);
    }
  }

  @Test
  void the_runtime_of_the_highest_priority_that_supports_the_directory_loads_it()
      throws IOException {
    Registry registry =
        Registry.of()
            .with(
                new Toys("low", 1, "model"),
                new Toys("high", 2, "model"),
                new Toys("highest", 3, "other"));
    try (LanguageModel model = LanguageModels.load(modelPlace, registry)) {
      assertThat(model.info().device()).isEqualTo("high");
    }
  }

  @Test
  void where_no_runtime_supports_the_directory_each_is_listed_with_its_reason() {
    Registry registry =
        Registry.of().with(new Toys("one", 0, "elsewhere"), new Toys("two", 1, "nowhere"));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(modelPlace, registry))
        .withMessage(
            "no runtime can load the model in "
                + modelPlace
                + ". Asked, with their reasons:"
                + "\n  two: it is not named nowhere"
                + "\n  one: it is not named elsewhere");
  }

  @Test
  void where_there_is_no_runtime_at_all_the_artifact_is_named() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(modelPlace, Registry.of()))
        .withMessage(
            "no runtime can load the model in "
                + modelPlace
                + ": no runtime was found; one comes with the artifact"
                + " io.fundamentallm:fundamentallm-runtime-cpu.");
  }

  @Test
  void a_runtime_can_be_named_with_options() throws IOException {
    Registry registry = Registry.of().with(new Toys("toy", 0, "elsewhere"));
    try (LanguageModel model = LanguageModels.load(modelPlace, "toy(context=7)", registry)) {
      assertThat(model.info().contextLength()).isEqualTo(7);
    }
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(modelPlace, "tyo", registry))
        .withMessageContaining("no runtime named \"tyo\". Did you mean \"toy\"? Found: toy.");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.load(modelPlace, "toy,toy", registry))
        .withMessageContaining("expected one name");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.load(modelPlace, "toy(context=0)", registry))
        .withMessageContaining("a whole number in [1, 1024]");
  }

  @Test
  void a_model_that_was_given_an_unknown_option_is_closed_again() {
    AtomicReference<ToyModel> loaded = new AtomicReference<>();
    Registry registry = Registry.of().with(new Toys("toy", 0, "model", loaded::set));
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.load(modelPlace, "toy(contxt=7)", registry))
        .withMessage("runtime \"toy\" has no option \"contxt\"; it takes: context");
    assertThatExceptionOfType(IllegalStateException.class).isThrownBy(() -> loaded.get().open());
  }

  @Test
  void an_unreadable_file_stays_an_io_exception() {
    Registry registry = Registry.of().with(new Toys("toy", 0, "broken"));
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> LanguageModels.load(brokenPlace, registry))
        .withMessageContaining("byte 12");
  }

  @Test
  void tokenizers_are_found_by_what_they_support() throws IOException {
    Registry registry = Registry.of().with(new Bytes("model"));
    assertThat(Tokenizers.load(modelPlace, registry).vocabulary().size()).isEqualTo(258);
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(brokenPlace, registry))
        .withMessage(
            "no tokenizer can be loaded from "
                + brokenPlace
                + ". Asked, with their reasons:\n  toy-bytes: it is not named model");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(modelPlace, Registry.of()))
        .withMessageEndingWith("io.fundamentallm:fundamentallm-tokenizers.");
  }

  @Test
  void a_tokenizer_that_cannot_be_learned_says_so() {
    Registry registry = Registry.of().with(new Bytes("model"));
    assertThatExceptionOfType(UnsupportedOperationException.class)
        .isThrownBy(() -> Tokenizers.learn("toy-bytes", List.of("text"), registry))
        .withMessage("tokenizer \"toy-bytes\" can be loaded but not learned from text");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.learn("byte-pair", "text"))
        .withMessageContaining("no tokenizer named \"byte-pair\"");
  }

  @Test
  void properties_choose_the_parts_of_the_process() throws IOException {
    Registry registry =
        Registry.of()
            .with(
                new Toys("one", 1, "model"),
                new Toys("two", 0, "elsewhere"),
                new Bytes("elsewhere"),
                new Plain("plain"),
                new NoTrainer("first", 1),
                new NoTrainer("second", 0));
    System.setProperty("fundamentallm.sampler", "keep-best,greedy");
    System.setProperty("fundamentallm.runtime", "two(context=9)");
    System.setProperty("fundamentallm.tokenizer", "toy-bytes(special=false)");
    System.setProperty("fundamentallm.decoder", "plain(width=4)");
    System.setProperty("fundamentallm.trainer", "second");
    assertThat(Samplers.configured(registry)).hasToString("keep-best,greedy");
    assertThat(Samplers.configured()).hasToString("keep-best,greedy");
    try (LanguageModel model = LanguageModels.load(modelPlace, registry)) {
      assertThat(model.info().device()).isEqualTo("two");
      assertThat(model.info().contextLength()).isEqualTo(9);
    }
    assertThat(Tokenizers.load(modelPlace, registry).vocabulary().special()).isEmpty();
    assertThat(Decoders.configured(registry)).isNotNull();
    assertThat(nameOf(Trainers.configured(registry))).isEqualTo("second");
    System.setProperty("fundamentallm.tokenizer", "toy-bytes(specials=false)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tokenizers.load(modelPlace, registry))
        .withMessageContaining("has no option \"specials\"; it takes: special");
    System.setProperty("fundamentallm.decoder", "plain(width=0)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Decoders.configured(registry))
        .withMessageContaining("[1, 100]");
  }

  @Test
  void what_is_refused_is_told_with_what_set_it() {
    Registry registry = Registry.of().with(new Toys("toy", 0, "model"), new Bytes("model"));
    System.setProperty("fundamentallm.sampler", "gredy=0.3");
    System.setProperty("fundamentallm.runtime", "toy(contexts=7)");
    System.setProperty("fundamentallm.tokenizer", "toy-bytes(specials=false)");
    System.setProperty("fundamentallm.trainer", "slow");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(Samplers::configured)
        .withMessageStartingWith("no sampler stage named \"gredy\". Did you mean \"greedy\"?")
        .withMessageEndingWith(" (set by the system property fundamentallm.sampler)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.load(modelPlace, registry))
        .withMessageEndingWith(" (set by the system property fundamentallm.runtime)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> LanguageModels.shared(modelPlace, registry))
        .withMessageEndingWith(" (set by the system property fundamentallm.runtime)");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Tokenizers.load(modelPlace, registry))
        .withMessageEndingWith(" (set by the system property fundamentallm.tokenizer)");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Trainers.configured(registry))
        .withMessageEndingWith(" (set by the system property fundamentallm.trainer)");
  }

  @Test
  void so_is_a_failure_of_a_part_that_would_not_have_been_asked() {
    Registry wrong =
        Registry.of().with(new Toys("toy", 0, "elsewhere"), new FilesOnly("elsewhere"));
    System.setProperty("fundamentallm.runtime", "toy");
    System.setProperty("fundamentallm.tokenizer", "files-only");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> LanguageModels.load(brokenPlace, wrong))
        .withMessageEndingWith("byte 12 (set by the system property fundamentallm.runtime)");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> LanguageModels.shared(brokenPlace, wrong))
        .withMessageEndingWith("byte 12 (set by the system property fundamentallm.runtime)");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokenizers.load(brokenPlace, wrong))
        .withMessageEndingWith(
            "there are no files (set by the system property fundamentallm.tokenizer)");
  }

  @Test
  void but_not_one_of_the_files() {
    Registry right = Registry.of().with(new Toys("toy", 0, "broken"), new FilesOnly("broken"));
    System.setProperty("fundamentallm.runtime", "toy");
    System.setProperty("fundamentallm.tokenizer", "files-only");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> LanguageModels.load(brokenPlace, right))
        .withMessageEndingWith("byte 12");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokenizers.load(brokenPlace, right))
        .withMessageEndingWith("there are no files");
    assertThatExceptionOfType(IOException.class)
        .isThrownBy(() -> Tokenizers.load(some.resolve("missing"), right))
        .withMessageNotContaining("set by");
  }

  @Test
  void a_misspelt_property_is_refused_by_whoever_asks_for_what_it_means() throws IOException {
    System.setProperty("fundamentallm.samplr", "greedy");
    System.setProperty("fundamentallm.kernels.of.another", "x");
    try {
      assertThatIllegalArgumentException()
          .isThrownBy(Samplers::configured)
          .withMessage(
              "nothing reads the system property fundamentallm.samplr. Did you mean"
                  + " fundamentallm.sampler?");
      assertThat(Decoders.configured()).isNotNull();
      System.setProperty("fundamentallm.token", "of an application");
      assertThat(Tokenizers.load(modelPlace, Registry.of().with(new Bytes("model")))).isNotNull();
      System.setProperty("fundamentallm.sampler", "greedy");
      assertThat(Samplers.configured()).hasToString("greedy");
      System.setProperty("fundamentallm.Decoder", "sampling");
      assertThatIllegalArgumentException().isThrownBy(Decoders::configured);
    } finally {
      System.clearProperty("fundamentallm.samplr");
      System.clearProperty("fundamentallm.token");
      System.clearProperty("fundamentallm.Decoder");
      System.clearProperty("fundamentallm.kernels.of.another");
    }
  }

  @Test
  void without_a_property_there_are_defaults() {
    System.setProperty("fundamentallm.sampler", " ");
    assertThat(Samplers.configured()).hasToString("draw");
    assertThat(Decoders.configured()).isNotNull();
    Registry registry = Registry.of().with(new NoTrainer("low", 0), new NoTrainer("high", 1));
    assertThat(nameOf(Trainers.configured(registry))).isEqualTo("high");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(Trainers::configured)
        .withMessageContaining("no trainer named \"cpu\"");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Decoders.parse("beam(width=4)"))
        .withMessageContaining("no decoder named \"beam\"");
  }

  private static String nameOf(Trainer trainer) {
    try {
      throw new AssertionError(trainer.train(null, null));
    } catch (UnsupportedOperationException e) {
      return e.getMessage().substring(0, e.getMessage().indexOf(' '));
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }
}

package io.fundamentallm;

import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;

import io.fundamentallm.contract.ByteTokenizer;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Spec;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is said of a place from which nothing can be loaded. */
class PathCheckTest {
  @TempDir Path directory;

  private final Registry registry = Registry.of().with(new Toys(), new Bytes());

  /** Runs directories with a file toy.txt. */
  private static final class Toys implements LanguageModelProvider {
    @Override
    public String name() {
      return "toy";
    }

    @Override
    public Support supports(Path directory) {
      return Files.exists(directory.resolve("toy.txt"))
          ? Support.yes("there is a toy.txt")
          : Support.no("there is no toy.txt");
    }

    @Override
    public LanguageModel load(Path directory, Options options) throws IOException {
      Files.readString(directory.resolve("toy.txt"));
      return new ToyModel(ToyModel.info(258, 8).build(), ToyModel.hashing());
    }
  }

  /** Reads directories with a file bytes.txt. */
  private static final class Bytes implements TokenizerProvider {
    @Override
    public String name() {
      return "bytes";
    }

    @Override
    public Support supports(Path path) {
      return Files.exists(path.resolve("bytes.txt"))
          ? Support.yes("there is a bytes.txt")
          : Support.no("there is no bytes.txt");
    }

    @Override
    public Tokenizer load(Path path, Options options) {
      return ByteTokenizer.withBeginAndEnd();
    }
  }

  private List<ThrowingCallable> loaders(Path path) {
    return List.of(
        () -> TextGenerator.load(path, registry),
        () -> TextGenerator.load(path, "toy", registry),
        () -> Tokenizers.load(path, registry),
        () -> LanguageModels.load(path, registry));
  }

  @Test
  void a_path_that_does_not_exist_is_said_to_whatever_loads() {
    Path nowhere = directory.resolve("nope");
    for (ThrowingCallable loader : loaders(nowhere)) {
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(loader)
          .withMessage(nowhere + ": there is no such file or directory");
    }
    for (ThrowingCallable loader :
        List.<ThrowingCallable>of(
            () -> LanguageModels.load(nowhere, "toy", registry),
            () -> LanguageModels.shared(nowhere, registry),
            () -> LanguageModels.shared(nowhere, "toy", registry))) {
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(loader)
          .withMessage(nowhere + ": there is no such file or directory");
    }
  }

  @Test
  void a_model_of_the_hub_is_to_be_fetched_first() {
    for (ThrowingCallable loader : loaders(Path.of("Some-Maker/Tiny-1.5B"))) {
      assertThatExceptionOfType(NoSuchFileException.class)
          .isThrownBy(loader)
          .withMessageEndingWith(
              ": there is no such file or directory; a model of the Hugging Face hub is fetched"
                  + " first: \"fundamentallm pull Some-Maker/Tiny-1.5B\", or ModelHub of"
                  + " io.fundamentallm:fundamentallm-hub");
    }
  }

  @Test
  void an_empty_directory_is_said_to_be_empty() {
    for (ThrowingCallable loader : loaders(directory)) {
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(loader)
          .withMessageContaining(directory.toString())
          .withMessageEndingWith(": the directory is empty");
    }
  }

  @Test
  void the_model_below_a_directory_is_named() throws IOException {
    Path below = Files.createDirectory(directory.resolve("unpacked"));
    Files.writeString(directory.resolve("README"), "of the archive");
    Files.createDirectory(directory.resolve("other"));
    Files.writeString(below.resolve("toy.txt"), "a model");
    Files.writeString(below.resolve("bytes.txt"), "a tokenizer");
    for (ThrowingCallable loader : loaders(directory)) {
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(loader)
          .withMessageContaining(directory + "; a directory below it can be loaded: name " + below);
    }
    TextGenerator.load(below, registry).close();
  }

  /** As after a few trainings: models, and adapters with the tokenizer beside them. */
  @Test
  void of_several_directories_those_that_hold_all_that_it_takes_are_named_or_counted()
      throws IOException {
    for (String name : List.of("a-adapter", "b", "c", "d", "e", "f")) {
      Path below = Files.createDirectory(directory.resolve(name));
      Files.writeString(below.resolve("bytes.txt"), "a tokenizer");
      Files.writeString(
          below.resolve(name.equals("a-adapter") ? "adapter_config.json" : "toy.txt"), "{}");
    }
    String named =
        directory
            + "; directories below it can be loaded: name "
            + directory.resolve("b")
            + ", or "
            + directory.resolve("c")
            + ", or "
            + directory.resolve("d");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, registry))
        .withMessageEndingWith(named + ", or another");
    Files.delete(directory.resolve("e/toy.txt"));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(directory, registry))
        .withMessageEndingWith(named + ", or another");
    Files.delete(directory.resolve("f/toy.txt"));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, registry))
        .withMessageEndingWith(named);
  }

  /** As after a training that was interrupted while it wrote, or a copy that lost a file. */
  @Test
  void of_a_damaged_model_the_reasons_come_before_the_checkpoints_below_it() throws IOException {
    Path below = Files.createDirectory(directory.resolve("checkpoint-1600"));
    Files.writeString(below.resolve("toy.txt"), "a model");
    Files.writeString(below.resolve("bytes.txt"), "a tokenizer");
    Files.writeString(directory.resolve("config.json"), "{");
    String hint = "\nBut a directory below it can be loaded: name " + below;
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, registry))
        .withMessageMatching(
            "(?s)no tokenizer can be loaded from .*their reasons:\n  bytes: there is no bytes.txt\n.*")
        .withMessageEndingWith(hint);
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> LanguageModels.load(directory, registry))
        .withMessageContaining("\n  toy: there is no toy.txt\n")
        .withMessageEndingWith(hint);
  }

  @Test
  void of_a_file_of_a_model_it_is_said_to_name_the_directory() throws IOException {
    Files.writeString(directory.resolve("toy.txt"), "a model");
    Files.writeString(directory.resolve("bytes.txt"), "a tokenizer");
    Path weights = Files.writeString(directory.resolve("weights"), "0");
    for (ThrowingCallable loader :
        List.<ThrowingCallable>of(
            () -> TextGenerator.load(weights, registry),
            () -> Tokenizers.load(weights, registry),
            () -> LanguageModels.load(weights, registry))) {
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(loader)
          .withMessageEndingWith(
              "\nBut the directory that it is in can be loaded: name " + directory);
    }
    assertThatIOException()
        .isThrownBy(() -> LanguageModels.load(weights, "toy", registry))
        .withMessageEndingWith(
            "\nBut the directory that it is in can be loaded: name " + directory);
  }

  @Test
  void of_an_adapter_it_is_said_what_to_load_in_its_place() throws IOException {
    Path adapter = Files.createDirectory(directory.resolve("my adapter"));
    Files.writeString(adapter.resolve("bytes.txt"), "a tokenizer");
    Path config = adapter.resolve("adapter_config.json");
    Files.writeString(config, "{\"base_model_name_or_path\": \"models/base\"}");
    String load = ", and no model itself; load that model with the runtime cpu(adapter=\"";
    String ending = load + adapter + "\")";
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(adapter, registry))
        .withMessageEndingWith(": it is an adapter of the model \"models/base\"" + ending);
    Spec.single(ending.substring(ending.indexOf("cpu("))); // can be copied
    Files.writeString(config, "{}");
    Files.delete(adapter.resolve("bytes.txt"));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(adapter, registry))
        .withMessageEndingWith(": it is an adapter of a model" + ending);
  }

  @Test
  void where_there_is_no_provider_at_all_its_artifact_is_named() {
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, Registry.of()))
        .withMessageContaining("io.fundamentallm:fundamentallm-tokenizers");
  }

  @Test
  void where_there_is_no_tokenizer_the_files_that_were_looked_for_are_named() throws IOException {
    Files.writeString(directory.resolve("toy.txt"), "a model");
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> TextGenerator.load(directory, registry))
        .withMessageContaining("no tokenizer can be loaded from " + directory)
        .withMessageContaining("there is no bytes.txt")
        .withMessageEndingWith(
            "copy them from where the model comes from. A tokenizer of a plugin needs the plugin's"
                + " jar");
    LanguageModels.load(directory, registry).close();
  }

  @Test
  void a_place_of_dots_is_written_out() {
    for (String dots : List.of(".", "..", "")) {
      Path place = Path.of(dots).toAbsolutePath().normalize();
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> Tokenizers.load(Path.of(dots), registry))
          .withMessageStartingWith("no tokenizer can be loaded from " + place + ". Asked");
      assertThatExceptionOfType(ProviderException.class)
          .isThrownBy(() -> LanguageModels.load(Path.of(dots), registry))
          .withMessageStartingWith("no runtime can load the model in " + place + ". Asked");
    }
  }

  @Test
  void providers_that_refuse_for_one_reason_share_a_line() throws IOException {
    Files.writeString(directory.resolve("notes.txt"), "no model");
    Registry several = Registry.of().with(new Bytes(), learner("abc"), learner("xyz"));
    assertThatExceptionOfType(ProviderException.class)
        .isThrownBy(() -> Tokenizers.load(directory, several))
        .withMessageContaining("\n  abc, xyz: it learns")
        .withMessageContaining("\n  bytes: there is no bytes.txt");
  }

  private static TokenizerProvider learner(String name) {
    return new TokenizerProvider() {
      @Override
      public String name() {
        return name;
      }

      @Override
      public Support supports(Path path) {
        return Support.no("it learns");
      }

      @Override
      public Tokenizer load(Path path, Options options) {
        throw new AssertionError("not asked for");
      }
    };
  }
}

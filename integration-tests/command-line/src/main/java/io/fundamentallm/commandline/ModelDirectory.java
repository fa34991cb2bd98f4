package io.fundamentallm.commandline;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** The model that a command works with, and what runs it. */
final class ModelDirectory {
  @Parameters(
      index = "0",
      paramLabel = "DIR",
      description = "The model's directory, or a GGUF file.",
      showDefaultValue = picocli.CommandLine.Help.Visibility.NEVER)
  Path path = Path.of("");

  @Option(
      names = "--runtime",
      paramLabel = "SPEC",
      description = "What runs the model, such as cpu(weights=int8); by default what can.")
  @Nullable String runtime;

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec command; // by picocli

  Tokenizer tokenizer() throws IOException {
    requireThere();
    return Tokenizers.load(path);
  }

  LanguageModel model() throws IOException {
    return loaded(() -> LanguageModels.load(path));
  }

  /** Tokenizer and model, with the publisher's settings for generation. */
  TextGenerator generator() throws IOException {
    return loaded(() -> TextGenerator.load(path));
  }

  /** Something that loads. */
  private interface Loading<T> {
    T load() throws IOException;
  }

  /** Sets the property rather than an argument, so that every way to load goes by it. */
  private <T> T loaded(Loading<T> loading) throws IOException {
    requireThere();
    if (runtime == null || command == null) {
      return loading.load();
    }
    System.setProperty("fundamentallm.runtime", runtime);
    try {
      return loading.load();
    } catch (IllegalArgumentException | ProviderException e) {
      throw new ParameterException(command.commandLine(), Failures.oneLine(e), e);
    }
  }

  private void requireThere() throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
  }
}

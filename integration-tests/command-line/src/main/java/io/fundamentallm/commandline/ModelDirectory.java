package io.fundamentallm.commandline;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.ProviderException;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.spi.LanguageModelProvider;
import io.fundamentallm.text.Tokenizer;
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
      description = "What runs the model, such as cpu(weights=int8); by default one that can.")
  @Nullable String runtime;

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec command; // by picocli

  Tokenizer tokenizer() throws IOException {
    requireThere();
    return Tokenizers.load(path);
  }

  LanguageModel model() throws IOException {
    requireThere();
    String asked = runtime();
    return asked == null ? LanguageModels.load(path) : model(asked);
  }

  /** A refusal other than by IOException concerns the spec, so the command line is at fault. */
  private LanguageModel model(String asked) throws IOException {
    try {
      return LanguageModels.load(path, asked);
    } catch (IllegalArgumentException | ProviderException e) {
      throw new ParameterException(command().commandLine(), Failures.oneLine(e), e);
    }
  }

  /**
   * Tokenizer and model, with the publisher's settings for generation.
   *
   * <p>The runtime is for this model alone, since its options may be, such as an adapter. A
   * decoder's draft model runs on the one that the process configured.
   */
  TextGenerator generator() throws IOException {
    requireThere();
    String asked = runtime();
    if (asked == null) {
      return TextGenerator.load(path);
    }
    try {
      return TextGenerator.load(path, asked);
    } catch (IllegalArgumentException | ProviderException e) {
      try {
        model(asked).close(); // without tokenizer and settings: is it the spec?
      } catch (IOException files) {
        e.addSuppressed(files);
      }
      throw e;
    }
  }

  /** The requested runtime; an unknown one is refused before files are read. */
  private @Nullable String runtime() {
    String asked = runtime;
    if (asked != null) {
      Subcommand.requireKnown(command(), LanguageModelProvider.class, asked);
    }
    return asked;
  }

  private CommandSpec command() {
    return requireNonNull(command, "not called from a command line");
  }

  private void requireThere() throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
  }
}

package io.fundamentallm.commandline;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.Registry;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.spi.LanguageModelProvider;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
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
      description = "What runs the model, such as \"cpu(weights=int8)\"; by default what can.")
  @Nullable String runtime;

  @Spec(Spec.Target.MIXEE)
  @Nullable CommandSpec spec; // by picocli

  Tokenizer tokenizer() throws IOException {
    requireThere();
    return Tokenizers.load(path);
  }

  LanguageModel model() throws IOException {
    requireThere();
    configureRuntime();
    return LanguageModels.load(path);
  }

  /** Tokenizer and model, with the publisher's settings for generation. */
  TextGenerator generator() throws IOException {
    requireThere();
    configureRuntime();
    return TextGenerator.load(path);
  }

  private void requireThere() throws IOException {
    if (!Files.exists(path)) {
      throw new NoSuchFileException(path.toString());
    }
  }

  /** The property rather than an argument, so that every way to load a model goes by it. */
  private void configureRuntime() {
    String asked = runtime;
    if (asked != null && spec != null) {
      Subcommand.parsed(
          spec,
          () ->
              Registry.standard()
                  .find(
                      LanguageModelProvider.class,
                      io.fundamentallm.Spec.parse(asked).stages().get(0).name()));
      System.setProperty("fundamentallm.runtime", asked);
    }
  }
}

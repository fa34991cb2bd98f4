package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The name of a model, which is sent in a task, and, in each JVM, the model itself. It stays until
 * the JVM ends: tasks are many and short, and loading takes longer than most of them.
 *
 * @param path see {@link ExecutorFiles}
 * @param runtime a spec of the runtime; null for the one that the process configured
 */
record ExecutorModel(String path, @Nullable String runtime) implements Serializable {
  private static final ConcurrentMap<Located, TextGenerator> MODELS = new ConcurrentHashMap<>();
  private static final ConcurrentMap<Path, Tokenizer> TOKENIZERS = new ConcurrentHashMap<>();

  ExecutorModel {
    requireNonNull(path, "path");
  }

  /**
   * By place and not by name: in local mode the next session may have other files under the same
   * name.
   */
  private record Located(Path directory, @Nullable String runtime) {}

  /** The generator, whose passes over the weights all tasks of this JVM share. */
  TextGenerator generator() throws IOException {
    try {
      return MODELS.computeIfAbsent(new Located(directory(), runtime), ExecutorModel::load);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The tokenizer alone, without weights. */
  Tokenizer tokenizer() throws IOException {
    try {
      return TOKENIZERS.computeIfAbsent(directory(), ExecutorModel::loadTokenizer);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private Path directory() throws IOException {
    Path directory = ExecutorFiles.resolve(path);
    return Files.exists(directory)
        ? directory.toRealPath()
        : directory; // loading says what is missing
  }

  private static TextGenerator load(Located model) {
    try {
      Tokenizer tokenizer =
          TOKENIZERS.computeIfAbsent(model.directory, ExecutorModel::loadTokenizer);
      LanguageModel weights =
          model.runtime == null
              ? LanguageModels.shared(model.directory)
              : LanguageModels.shared(model.directory, model.runtime);
      return TextGenerator.of(tokenizer, weights);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tokenizer loadTokenizer(Path directory) {
    try {
      return Tokenizers.load(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

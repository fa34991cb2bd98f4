package io.fundamentallm.spark;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.LanguageModel;
import io.fundamentallm.LanguageModels;
import io.fundamentallm.TextGenerator;
import io.fundamentallm.Tokenizer;
import io.fundamentallm.Tokenizers;
import java.io.IOException;
import java.io.Serializable;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentMap;
import org.jspecify.annotations.Nullable;

/**
 * The name of a model, which travels in a task, and, in each JVM, the model itself. It stays until
 * the JVM ends: tasks are many and short, and loading takes longer than most of them.
 *
 * @param path see {@link ExecutorFiles}
 * @param runtime a spec of the runtime; none for the one that the process configured
 */
record ExecutorModel(String path, @Nullable String runtime) implements Serializable {
  private static final ConcurrentMap<ExecutorModel, TextGenerator> MODELS =
      new ConcurrentHashMap<>();
  private static final ConcurrentMap<String, Tokenizer> TOKENIZERS = new ConcurrentHashMap<>();

  ExecutorModel {
    requireNonNull(path, "path");
  }

  /** Whose passes over the weights all tasks of this JVM share. */
  TextGenerator generator() throws IOException {
    try {
      return MODELS.computeIfAbsent(this, ExecutorModel::load);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  /** The tokenizer alone, without weights. */
  Tokenizer tokenizer() throws IOException {
    try {
      return TOKENIZERS.computeIfAbsent(path, ExecutorModel::loadTokenizer);
    } catch (UncheckedIOException e) {
      throw e.getCause();
    }
  }

  private static TextGenerator load(ExecutorModel model) {
    Path directory = ExecutorFiles.resolve(model.path);
    try {
      Tokenizer tokenizer = model.tokenizer();
      LanguageModel weights =
          model.runtime == null
              ? LanguageModels.shared(directory)
              : LanguageModels.shared(directory, model.runtime);
      return TextGenerator.of(tokenizer, weights);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Tokenizer loadTokenizer(String path) {
    try {
      return Tokenizers.load(ExecutorFiles.resolve(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}

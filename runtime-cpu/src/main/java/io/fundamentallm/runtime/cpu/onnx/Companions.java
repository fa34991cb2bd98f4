package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.ProviderException;
import io.fundamentallm.Tokenizers;
import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The files beside a model's weights. A directory with its graph needs them too. */
final class Companions {
  private static final Logger LOG = LoggerFactory.getLogger(Companions.class);
  private static final String CONFIG = "config.json";
  private static final String TOKENIZER = "tokenizer.json";
  private static final List<String> NAMES =
      List.of(
          CONFIG,
          "generation_config.json",
          TOKENIZER,
          "tokenizer_config.json",
          "tokenizer.model",
          "special_tokens_map.json",
          "added_tokens.json",
          "vocab.json",
          "merges.txt",
          "chat_template.jinja");

  private Companions() {}

  /**
   * Copies those that exist, unless both directories are the same, and writes the configuration of
   * a GGUF file.
   *
   * @param files those of the model
   */
  static void copy(Path model, ModelFiles files, Path directory) throws IOException {
    DurableFiles.createDirectories(directory);
    if (!Files.isRegularFile(model.resolve(CONFIG))) {
      files.writeConfig(directory.resolve(CONFIG));
    }
    if (!Files.isDirectory(model) || Files.isSameFile(model, directory)) {
      return;
    }
    for (String name : NAMES) {
      Path file = model.resolve(name);
      if (Files.isRegularFile(file)) {
        AtomicFile.write(directory.resolve(name), channel -> copy(file, channel));
      }
    }
    if (Files.isRegularFile(model.resolve("tokenizer.model"))
        && !Files.exists(directory.resolve(TOKENIZER))) {
      writeTokenizer(model, directory);
    }
  }

  /** For programs that read no other file, such as transformers.js. */
  private static void writeTokenizer(Path model, Path directory) throws IOException {
    try {
      Tokenizers.load(model).saveJson(directory);
    } catch (ProviderException | UnsupportedOperationException e) {
      LOG.warn("{} has no {}: {}", directory, TOKENIZER, e.getMessage());
    }
  }

  private static void copy(Path file, FileChannel into) throws IOException {
    try (FileChannel from = FileChannel.open(file)) {
      long size = from.size();
      for (long at = 0; at < size; ) {
        at += from.transferTo(at, size - at, into);
      }
    }
  }
}

package io.fundamentallm.commandline;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.TokenFile;
import io.fundamentallm.training.TrainingData;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;

/**
 * Text files turned into tokens. Neither texts nor tokens need to fit into memory: the tokens are
 * in a file, which closing deletes.
 */
final class TrainingText implements AutoCloseable {
  private final TextCorpus corpus;
  private final Path tokens;

  /**
   * Checks that the files exist.
   *
   * @param tokens where to put the tokens
   */
  TrainingText(List<Path> files, Path tokens) throws IOException {
    for (Path file : files) {
      if (!Files.exists(file)) {
        throw new NoSuchFileException(file.toString());
      } else if (Files.isDirectory(file)) {
        throw new IOException(file + " is a directory; name the text files in it");
      } else if (!Files.isRegularFile(file)) {
        throw new IOException(file + " is no text file");
      } else if (Files.size(file) == 0) {
        throw new IOException(file + " is empty");
      }
    }
    corpus = TextCorpus.ofFiles(files.toArray(Path[]::new));
    this.tokens = tokens;
  }

  /** Learns the same tokenizer from the same files, so that a resumed training has it again. */
  Tokenizer learn(String spec, Cancellation cancellation, LearningListener listener) {
    return Tokenizers.learn(spec, corpus, cancellation, listener);
  }

  TrainingData encode(
      Tokenizer tokenizer, double validation, Cancellation cancellation, LearningListener listener)
      throws IOException {
    return TrainingData.ofTokens(
        tokenizer,
        TokenFile.write(tokens, tokenizer, corpus, cancellation, listener),
        1 - validation);
  }

  @Override
  public void close() {
    try {
      Files.deleteIfExists(tokens);
    } catch (IOException e) {
      // Windows does not delete files that are mapped into memory; the next training replaces it
    }
  }
}

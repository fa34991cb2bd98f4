package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.corpus.CorpusReader;
import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.TextCorpus;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Files of tokens, for data larger than memory: only the ids in sequence, little-endian, like
 * nanoGPT's {@code train.bin}. An id has two bytes if the vocabulary has at most 65,536 tokens,
 * otherwise four, so the vocabulary determines how to read them. Thread-safe.
 */
public final class TokenFile {
  private TokenFile() {}

  /** Writes the tokens of a corpus; see the other overload. */
  public static TokenSequence write(
      Path file, Tokenizer tokenizer, TextCorpus corpus, LearningListener... listeners)
      throws IOException {
    return write(file, tokenizer, corpus, Cancellation.none(), listeners);
  }

  /**
   * Writes the tokens of a corpus: its documents one after another, each between begin and end
   * tokens as in {@link TrainingData#ofDocuments}. Documents are encoded by as many threads as
   * there are processors, and written in order; memory holds a few at a time. The parts of a long
   * document are encoded separately, which gives the tokens of the whole unless the tokenizer adds
   * something to the beginning of a text.
   *
   * @param file replaced atomically: there is always either the old file or the whole new one
   * @param listeners receive progress reports, in bytes of the corpus
   * @return the file, opened
   * @throws IOException when a file cannot be read, with its name and place, or written
   * @throws IllegalArgumentException when the tokenizer refuses a text; names its file and line
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public static TokenSequence write(
      Path file,
      Tokenizer tokenizer,
      TextCorpus corpus,
      Cancellation cancellation,
      LearningListener... listeners)
      throws IOException {
    int threads = Runtime.getRuntime().availableProcessors();
    return write(file, tokenizer, corpus, threads, cancellation, List.of(listeners));
  }

  static TokenSequence write(
      Path file,
      Tokenizer tokenizer,
      TextCorpus corpus,
      int threads,
      Cancellation cancellation,
      List<LearningListener> listeners)
      throws IOException {
    requireNonNull(corpus, "corpus");
    int vocabularySize = tokenizer.vocabulary().size();
    int width = width(vocabularySize);
    long total = 0;
    for (Path part : corpus.files()) {
      ReadablePath.requireFile(part);
      total += Files.size(part);
    }
    long bytes = total;
    CorpusReader reader = new CorpusReader(corpus.files(), corpus.textField(), corpus.longest());
    try (CorpusEncoder encoder = new CorpusEncoder(tokenizer, width, reader, threads)) {
      AtomicFile.write(
          file,
          channel ->
              encoder.writeTo(
                  channel,
                  cancellation,
                  done ->
                      listeners.forEach(
                          listener -> listener.onProgress("encode text", done, bytes))));
    }
    return open(file, vocabularySize);
  }

  /**
   * Opens a file of tokens. It is mapped into memory and read only when its tokens are; pages that
   * were read may leave memory again at any time. The file must not change while in use.
   *
   * <p>Reading an id outside the vocabulary throws an {@link java.io.UncheckedIOException} that
   * names the file, the byte and the id.
   *
   * @param vocabularySize ids are below it; it also determines how many bytes they have
   * @throws IOException when the file cannot be read, or ends within a token
   */
  public static TokenSequence open(Path file, int vocabularySize) throws IOException {
    return open(file, vocabularySize, width(vocabularySize));
  }

  /**
   * Opens a file of tokens that was not written by {@link #write}.
   *
   * @param bytesPerToken 2 or 4
   */
  public static TokenSequence open(Path file, int vocabularySize, int bytesPerToken)
      throws IOException {
    if (vocabularySize < 1) {
      throw new IllegalArgumentException("vocabularySize " + vocabularySize + " is not at least 1");
    }
    if (bytesPerToken != Short.BYTES && bytesPerToken != Integer.BYTES) {
      throw new IllegalArgumentException("bytesPerToken " + bytesPerToken + " is not 2 or 4");
    }
    return MappedTokens.open(file, vocabularySize, bytesPerToken);
  }

  private static int width(int vocabularySize) {
    return vocabularySize <= 1 << Short.SIZE ? Short.BYTES : Integer.BYTES;
  }
}

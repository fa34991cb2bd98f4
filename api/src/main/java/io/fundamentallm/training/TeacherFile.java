package io.fundamentallm.training;

import io.fundamentallm.internal.files.AtomicFile;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.LearningListener;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.Optional;

/**
 * What a teacher expects after each training token, kept on disk: computed once for any number of
 * trainings with {@link TrainingObjective#loss()} {@code distillation}. The file has the K
 * likeliest tokens of each place with their log-probabilities, 8·K bytes for each training token,
 * and is mapped into memory. Thread-safe.
 */
public final class TeacherFile {
  private TeacherFile() {}

  /** Computes without cancellation; see the other overload. */
  public static TrainingData of(
      Path file,
      TrainingData data,
      LanguageModel teacher,
      Tokenizer teacherTokenizer,
      int count,
      LearningListener... listeners)
      throws IOException {
    return of(file, data, teacher, teacherTokenizer, count, Cancellation.none(), listeners);
  }

  /**
   * The same data with what a teacher expects after each training token. A file that holds just
   * that is used again; otherwise it is written.
   *
   * <p>An example is read by itself, from its beginning; one that is longer than the teacher's
   * context is refused. Other tokens are read as one text; each is seen after at least half of the
   * teacher's context, but at most 512 tokens, unless the text begins later.
   *
   * @param file replaced atomically, if it is such a file
   * @param teacher any model; stays open
   * @param teacherTokenizer of the teacher, which must be the student's
   * @param count K, from 1 to the size of the vocabulary; 8 to 64 are usual
   * @param listeners receive progress reports, in tokens
   * @throws IllegalArgumentException if teacher and student have different tokenizers, the teacher
   *     knows fewer tokens than the tokenizer has, or its context is too short for an example
   * @throws IOException when the file cannot be read or written, or is none of a teacher
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public static TrainingData of(
      Path file,
      TrainingData data,
      LanguageModel teacher,
      Tokenizer teacherTokenizer,
      int count,
      Cancellation cancellation,
      LearningListener... listeners)
      throws IOException {
    String ours = data.tokenizer().fingerprint();
    String theirs = teacherTokenizer.fingerprint();
    if (!ours.equals(theirs)) {
      throw new IllegalArgumentException(
          "teacher and student need the same tokenizer; the teacher's has "
              + theirs
              + ", the student's "
              + ours);
    }
    int vocabulary = data.tokenizer().vocabulary().size();
    if (count < 1 || count > vocabulary) {
      throw new IllegalArgumentException(
          "count " + count + " is not from 1 to the vocabulary's " + vocabulary);
    }
    int known = teacher.info().vocabularySize();
    if (known < vocabulary) {
      throw new IllegalArgumentException(
          "the tokenizer has " + vocabulary + " tokens, but the teacher knows " + known);
    }
    if (Files.exists(file) && !TeacherHeader.mayReplace(file)) {
      throw new IOException(
          file + " is there, and no file of a teacher; delete it, or name another path");
    }
    TeacherHeader header =
        TeacherHeader.of(count, data.training(), probe(teacher, data.training()));
    if (!Files.exists(file) || !header.isOf(file)) {
      TeacherReading reading = new TeacherReading(teacher, data.training(), vocabulary, count);
      reading.requireRoom();
      List<LearningListener> all = List.of(listeners);
      AtomicFile.write(file, channel -> reading.writeTo(channel, header, cancellation, all));
    }
    TokenSequence taught = new Taught(data.training(), header.open(file));
    return new TrainingData(data.tokenizer(), taught, data.validation(), data.replay());
  }

  /** What the teacher computes of the first tokens, to recognise it. */
  private static float[] probe(LanguageModel teacher, TokenSequence tokens) {
    int[] first = new int[(int) Math.min(4, tokens.size())];
    tokens.read(0, first, 0, first.length);
    float[] logits = new float[teacher.info().vocabularySize()];
    try (Session session = teacher.open()) {
      session.append(first, logits);
    }
    return logits;
  }

  /** Tokens with a teacher. */
  private record Taught(TokenSequence tokens, TeacherTokens expected) implements TokenSequence {
    @Override
    public long size() {
      return tokens.size();
    }

    @Override
    public void read(long from, int[] into, int offset, int count) {
      Objects.checkFromIndexSize(from, count, size());
      tokens.read(from, into, offset, count);
    }

    @Override
    public Optional<TokenMarks> marks() {
      return tokens.marks();
    }

    @Override
    public Optional<TeacherTokens> teacher() {
      return Optional.of(expected);
    }
  }
}

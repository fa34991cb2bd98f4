package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.files.DurableFiles;
import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Writes a training run as a table of comma-separated values (RFC 4180, UTF-8), for spreadsheets
 * and data frames, while it runs.
 *
 * <pre>{@code
 * try (CsvLog log = CsvLog.of(Path.of("novel.csv"), plan)) {
 *   trainer.train(data, plan, log);
 * }
 * }</pre>
 *
 * <p>A row is a step or an evaluation; the columns of the other are empty. The columns are {@code
 * step}, {@code loss} (in nats per token), {@code learning_rate}, {@code gradient_norm}, {@code
 * tokens_per_second}, {@code seconds} (since the training began or resumed), {@code
 * validation_loss}, {@code validation_bits_per_byte}, {@code validation_accuracy}, {@code
 * validation_reward_margin} and {@code sample}. With the loss {@code dpo} the losses are per pair,
 * {@code validation_accuracy} is that of the rewards, and {@code validation_reward_margin} their
 * mean margin in nats ({@link TrainingListener.Evaluation}); it is empty with others. What is not
 * finite is empty.
 *
 * <p>A training that resumes ({@link Checkpointing#resume()}) adds to the file; rows of steps that
 * are taken again are removed first. For one training run, on its thread.
 */
public final class CsvLog implements TrainingListener, AutoCloseable {
  private static final String HEADER =
      "step,loss,learning_rate,gradient_norm,tokens_per_second,seconds,validation_loss,"
          + "validation_bits_per_byte,validation_accuracy,validation_reward_margin,sample\r\n";

  private final Path file;
  private final boolean resume;
  private @Nullable FileChannel channel;

  /** Rows of evaluations before the first step of a training that resumes, if it takes any. */
  private final StringBuilder waiting = new StringBuilder();

  private @Nullable IOException failure;

  private CsvLog(Path file, boolean resume) {
    this.file = file;
    this.resume = resume;
  }

  /**
   * A log. The file is not touched before the first step or evaluation.
   *
   * @param file replaced if it exists, unless the plan resumes; its directory is created if it is
   *     missing
   * @throws IOException when the file cannot be written, or the plan resumes and it is not such a
   *     table
   */
  public static CsvLog of(Path file, TrainingPlan plan) throws IOException {
    if (Files.isDirectory(requireNonNull(file, "file"))) {
      throw new FileSystemException(file.toString(), null, "it is a directory; expected a file");
    }
    boolean resume = plan.checkpoints().resume() && Files.exists(file);
    if (resume) {
      requireTable(file);
    }
    boolean created = Files.notExists(file);
    open(file).close(); // what cannot be written is said before the training, not after it
    if (created) {
      Files.delete(file);
    }
    return new CsvLog(file, resume);
  }

  private static void requireTable(Path file) throws IOException {
    byte[] expected = HEADER.getBytes(StandardCharsets.UTF_8);
    try (InputStream in = Files.newInputStream(file)) {
      byte[] found = in.readNBytes(expected.length);
      if (found.length > 0 && !Arrays.equals(found, expected)) {
        throw new IOException(
            file + ", line 1: expected the columns of a training log, " + HEADER.strip());
      }
    }
  }

  @Override
  public void onStep(Progress progress) {
    write(
        progress.step(),
        String.format(
            Locale.ROOT,
            "%d,%s,%s,%s,%s,%s,,,,,\r\n",
            progress.step(),
            number(progress.loss()),
            number(progress.learningRate()),
            number(progress.gradientNorm()),
            number(progress.tokensPerSecond()),
            number(progress.elapsed().toMillis() / 1000.0)));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    String row =
        String.format(
            Locale.ROOT,
            "%d,,,,,,%s,%s,%s,%s,%s\r\n",
            evaluation.step(),
            number(evaluation.loss()),
            number(evaluation.bitsPerByte()),
            number(evaluation.accuracy()),
            number(evaluation.margin()),
            quoted(evaluation.sample()));
    if (resume && channel == null) {
      waiting.append(row);
    } else {
      write(evaluation.step() + 1, row);
    }
  }

  private static String number(double value) {
    return Double.isFinite(value) ? Double.toString(value) : "";
  }

  private static String quoted(String text) {
    return text.isEmpty() ? "" : '"' + text.replace("\"", "\"\"") + '"';
  }

  /** A full disk must not end a training run; {@link #close} reports it. */
  private void write(int first, String row) {
    if (failure != null) {
      return;
    }
    try {
      FileChannel to = channel;
      if (to == null) {
        to = begin(first);
        channel = to;
        append(to, waiting.toString());
      }
      append(to, row);
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Opens the file, without rows of steps that are taken again. */
  private FileChannel begin(int first) throws IOException {
    FileChannel opened = open(file);
    try {
      opened.truncate(resume ? end(opened, first) : 0);
      opened.position(opened.size());
      if (opened.size() == 0) {
        append(opened, HEADER);
      }
      return opened;
    } catch (IOException e) {
      opened.close();
      throw e;
    }
  }

  private static FileChannel open(Path file) throws IOException {
    Path directory = file.toAbsolutePath().getParent();
    if (directory != null) {
      DurableFiles.createDirectories(directory);
    }
    return FileChannel.open(
        file, StandardOpenOption.CREATE, StandardOpenOption.READ, StandardOpenOption.WRITE);
  }

  /**
   * Where the first row of a step from {@code first} on begins, or one that is not whole, or the
   * closing row of a training that kept weights of an earlier step.
   */
  private static long end(FileChannel table, int first) throws IOException {
    InputStream in = new BufferedInputStream(Channels.newInputStream(table));
    long end = 0;
    long at = 0;
    long step = 0;
    long highest = 0;
    long closing = -1; // where a row begins that goes back and is the last
    boolean inStep = true;
    boolean inQuotes = false;
    for (int b = in.read(); b >= 0; b = in.read()) {
      at++;
      inQuotes ^= b == '"';
      if (b == '\n' && !inQuotes) {
        if (step >= first) {
          break;
        }
        closing = step < highest ? end : -1;
        highest = Math.max(highest, step);
        end = at;
        step = 0;
        inStep = true;
      } else if (inStep && b >= '0' && b <= '9') {
        step = Math.min(Integer.MAX_VALUE, step * 10 + b - '0');
      } else {
        inStep = false; // in the header at once
      }
    }
    return closing < 0 ? end : closing;
  }

  private static void append(FileChannel channel, String text) throws IOException {
    ByteBuffer bytes = StandardCharsets.UTF_8.encode(text);
    while (bytes.hasRemaining()) {
      channel.write(bytes);
    }
  }

  /**
   * Ends the file.
   *
   * @throws IOException when something could not be written at some point
   */
  @Override
  public void close() throws IOException {
    if (channel == null && !waiting.isEmpty()) { // it was finished: no step is taken again
      write(Integer.MAX_VALUE, "");
    }
    if (channel != null) {
      channel.close();
    }
    if (failure != null) {
      throw failure;
    }
  }
}

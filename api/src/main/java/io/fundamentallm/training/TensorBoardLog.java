package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.report.EventFile;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Writes a training run as event files that TensorBoard shows while it runs.
 *
 * <pre>{@code
 * try (TensorBoardLog log = TensorBoardLog.of(Path.of("runs/novel"), plan)) {
 *   trainer.train(data, plan, log);
 * }
 * }</pre>
 *
 * <p>Then {@code tensorboard --logdir runs} has {@code train/loss}, {@code train/learning_rate},
 * {@code train/grad_norm} and {@code train/tokens_per_second} of each step; {@code eval/loss},
 * {@code eval/perplexity}, {@code eval/bits_per_byte}, {@code eval/accuracy} and the text {@code
 * eval/sample} of each evaluation; and the text {@code plan}, again whenever the trainer chooses
 * another. Loss is in nats per token. With the loss {@code dpo} it is per pair, and {@code
 * eval/rewards/accuracies} and {@code eval/rewards/margins} stand for the other figures.
 *
 * <p>The file begins with the first step or evaluation. A training that resumes ({@link
 * Checkpointing#resume()}) adds a file to the directory, which tells TensorBoard to forget the
 * steps that are taken again. For one training run, on its thread.
 */
public final class TensorBoardLog implements TrainingListener, AutoCloseable {
  private final Path directory;
  private TrainingPlan plan;
  private int lastStep;
  private @Nullable EventFile file;

  /** Of a training that resumes, before its first step, if it takes any. */
  private @Nullable Evaluation waiting;

  private @Nullable IOException failure;

  private TensorBoardLog(Path directory, TrainingPlan plan) {
    this.directory = directory;
    this.plan = plan;
  }

  /**
   * A log; writes nothing yet.
   *
   * @param directory of this run alone; created if it is missing
   * @throws IOException when nothing can be written there
   */
  public static TensorBoardLog of(Path directory, TrainingPlan plan) throws IOException {
    requireWritable(requireNonNull(directory, "directory"));
    return new TensorBoardLog(directory, requireNonNull(plan, "plan"));
  }

  /** What cannot be written is said before the training, not after it. */
  private static void requireWritable(Path directory) throws IOException {
    Path there = directory.toAbsolutePath();
    while (there.getParent() != null && Files.notExists(there)) {
      there = there.getParent();
    }
    if (!Files.isDirectory(there)) {
      throw new FileAlreadyExistsException(
          there.toString(), null, "it is a file; expected a directory");
    } else if (!Files.isWritable(there)) {
      throw new AccessDeniedException(directory.toString());
    }
  }

  @Override
  public void onPlan(TrainingPlan chosen) {
    plan = chosen;
    if (file != null) { // else it begins with the plan
      write(lastStep, lastStep + 1, values -> values.text("plan", table()));
    }
  }

  @Override
  public void onStep(Progress progress) {
    lastStep = progress.step();
    write(
        progress.step(),
        progress.step(),
        values ->
            values
                .scalar("train/loss", progress.loss())
                .scalar("train/learning_rate", progress.learningRate())
                .scalar("train/grad_norm", progress.gradientNorm())
                .scalar("train/tokens_per_second", progress.tokensPerSecond()));
    Evaluation before = waiting;
    waiting = null;
    if (before != null) {
      write(before, before.step() + 1);
    }
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    if (file == null && plan.checkpoints().resume()) {
      waiting = evaluation;
    } else {
      write(evaluation, evaluation.step() + 1);
    }
  }

  private void write(Evaluation evaluation, int first) {
    write(
        evaluation.step(),
        first,
        values -> {
          values
              .scalar("eval/loss", evaluation.loss())
              .scalar("eval/perplexity", evaluation.perplexity())
              .scalar("eval/bits_per_byte", evaluation.bitsPerByte())
              .scalar(
                  evaluation.pairs() ? "eval/rewards/accuracies" : "eval/accuracy",
                  evaluation.accuracy())
              .scalar("eval/rewards/margins", evaluation.margin());
          if (!evaluation.sample().isEmpty()) {
            values.text("eval/sample", verbatim(evaluation.sample()));
          }
        });
  }

  /** Lines with four spaces before them are code in Markdown: nothing in them is markup. */
  private static String verbatim(String text) {
    return text.lines().map(line -> "    " + line + "\n").reduce("", String::concat);
  }

  @FunctionalInterface
  private interface Contents {
    void putInto(EventFile.Values values);
  }

  /** A full disk must not end a training run; {@link #close} reports it. */
  private void write(int step, int first, Contents contents) {
    if (failure != null) {
      return;
    }
    try {
      EventFile to = file;
      if (to == null) {
        to = begin(first);
        file = to;
      }
      EventFile.Values values = to.at(System.currentTimeMillis(), step);
      contents.putInto(values);
      values.write();
    } catch (IOException e) {
      failure = e;
    }
  }

  /** Steps from the first on are taken again, if there was a training before. */
  private EventFile begin(int first) throws IOException {
    long now = System.currentTimeMillis();
    EventFile begun = EventFile.create(directory, now);
    try {
      if (plan.checkpoints().resume()) {
        begun.restart(now, first);
      }
      begun.at(now, 0).text("plan", table()).write();
      return begun;
    } catch (IOException e) {
      begun.close();
      throw e;
    }
  }

  private String table() {
    StringBuilder table = new StringBuilder("| | |\n|---|---|\n");
    for (Map.Entry<String, String> row : PlanRows.of(plan, null, null).entrySet()) {
      table.append("| ").append(row.getKey()).append(" | ");
      table.append(Markdown.escape(row.getValue())).append(" |\n");
    }
    return table.toString();
  }

  /**
   * Ends the file.
   *
   * @throws IOException when something could not be written at some point
   */
  @Override
  public void close() throws IOException {
    if (waiting != null) { // it was finished: no step is taken again
      write(waiting, Integer.MAX_VALUE);
    }
    if (file != null) {
      file.close();
    }
    if (failure != null) {
      throw failure;
    }
  }
}

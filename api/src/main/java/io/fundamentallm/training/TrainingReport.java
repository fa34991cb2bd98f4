package io.fundamentallm.training;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.files.AtomicFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Writes a training run as one self-contained HTML file that loads nothing: a large curve of the
 * loss, with the figures and the sample of the step under the pointer; curves of learning rate,
 * gradient norm and speed; every evaluation with its sample; the plan and the memory. Where scripts
 * are forbidden, it has a smaller curve.
 *
 * <p>The file exists from the start. It is replaced as a whole at each evaluation and every few
 * seconds, reloads itself in a browser while the training runs, and finally says how the run ended.
 * If the training is resumed ({@link Checkpointing#resume()}), the page begins with the steps that
 * the previous page showed. For one training run, on its thread.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TrainingData data = TrainingData.ofText(tokenizer, Files.readString(Path.of("novel.txt")), 0.9);
 * TrainingPlan plan = TrainingPlan.builder(Path.of("reported")).build();
 * try (TrainingReport report = TrainingReport.of(Path.of("report.html"), plan)) {
 *   Trainers.configured().train(data, plan, report);
 * }
 * }</pre>
 */
public final class TrainingReport implements TrainingListener, AutoCloseable {
  private static final long INTERVAL_NANOS = 5_000_000_000L;

  private final Path file;
  private final ReportPage page;
  private long written;
  private @Nullable IOException failure;

  private TrainingReport(Path file, TrainingPlan plan) {
    this.file = file;
    page =
        new ReportPage(
            plan, plan.checkpoints().resume() ? ReportHistory.read(file) : ReportHistory.NONE);
  }

  /**
   * Begins a report, and writes it.
   *
   * @param file replaced if it exists; its directory is created if it is missing
   * @throws IOException when it cannot be written
   */
  public static TrainingReport of(Path file, TrainingPlan plan) throws IOException {
    TrainingReport report =
        new TrainingReport(requireNonNull(file, "file"), requireNonNull(plan, "plan"));
    report.write();
    report.close();
    return report;
  }

  @Override
  public void onPlan(TrainingPlan plan) {
    page.plan = plan;
    write();
  }

  @Override
  public void onMemory(TrainingMemory memory) {
    page.memory = memory;
    write();
  }

  @Override
  public void onStep(Progress progress) {
    page.add(progress);
    boolean last = progress.step() == progress.steps();
    if (last || System.nanoTime() - written > INTERVAL_NANOS) {
      write();
    }
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    page.add(evaluation);
    write();
  }

  @Override
  public void onCheckpoint(int step, Path directory) {
    page.checkpoint = directory;
  }

  @Override
  public void onEnd(TrainingResult result) {
    page.end =
        "finished after "
            + ReportPage.steps(result.steps())
            + " and "
            + ReportPage.clock(result.duration());
    write();
  }

  @Override
  public void onFailure(Throwable cause) {
    page.end = "stopped: " + cause;
    write();
  }

  /** A full disk must not end a training run; {@link #close} reports it. */
  private void write() {
    try {
      AtomicFile.write(file, StandardCharsets.UTF_8.encode(page.html()));
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
    written = System.nanoTime();
  }

  /**
   * Reports whether everything was written.
   *
   * @throws IOException when the file could not be written at some point
   */
  @Override
  public void close() throws IOException {
    if (failure != null) {
      throw failure;
    }
  }
}

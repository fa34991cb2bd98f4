package io.fundamentallm.training;

import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Prints the progress of a training run, in about twenty lines. */
final class PrintedProgress implements TrainingListener {
  private static final int LINES = 20;

  private final PrintStream out;
  private String validation = "";
  private String sample = "";
  private @Nullable Progress last;
  private String firstPlan = "";
  private String lastPlan = "";

  PrintedProgress(PrintStream out) {
    this.out = out;
  }

  @Override
  public void onPlan(TrainingPlan plan) {
    lastPlan = plan.toString();
    if (firstPlan.isEmpty()) {
      firstPlan = lastPlan;
      print("chose " + plan);
    }
  }

  @Override
  public void onStep(Progress progress) {
    boolean first = last == null; // also after resuming
    last = progress;
    if (first || part(progress.step(), progress) > part(progress.step() - 1, progress)) {
      print(
          String.format(
              Locale.ROOT,
              "step %d of %d, loss %.3f%s%s",
              progress.step(),
              progress.steps(),
              progress.loss(),
              validation,
              first ? "" : speed(progress)));
    }
  }

  /** Not of the first step, which is slower than the others. */
  private static String speed(Progress progress) {
    return String.format(
        Locale.ROOT,
        ", %,.0f tokens/s, %s left",
        progress.tokensPerSecond(),
        clock(progress.remaining()));
  }

  private static long part(int step, Progress progress) {
    return (long) step * LINES / progress.steps();
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    validation =
        String.format(
            Locale.ROOT,
            ", validation loss %.3f%s%s",
            evaluation.loss(),
            evaluation.pairs()
                ? String.format(
                    Locale.ROOT,
                    " per pair, reward accuracy %.3f, reward margin %.3f",
                    evaluation.accuracy(),
                    evaluation.margin())
                : "",
            !evaluation.whole()
                ? ""
                : evaluation.pairs()
                    ? " over all held-out pairs"
                    : " over all of the held-out text");
    // the last weights are measured twice: in part, and over all that was held out
    if (!evaluation.sample().isEmpty() && !evaluation.sample().equals(sample)) {
      sample = evaluation.sample();
      print("after step " + evaluation.step() + " it writes:");
      print(evaluation.sample().indent(4).stripTrailing()); // apart from the lines of progress
    }
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (!lastPlan.equals(firstPlan)) {
      print("chose in the end " + lastPlan);
    }
    print(
        last == null // of a training that resumed at its end
            ? String.format(
                Locale.ROOT,
                "wrote %s again: its training was already finished, after %s%s",
                result.modelDirectory(),
                ReportPage.steps(result.steps()),
                validation)
            : String.format(
                Locale.ROOT,
                "wrote %s after %s and %s%s",
                result.modelDirectory(),
                ReportPage.steps(result.steps()),
                clock(result.duration()),
                validation));
    reset();
  }

  @Override
  public void onFailure(Throwable cause) {
    reset();
  }

  /** The listener may be given to another training. */
  private void reset() {
    validation = "";
    sample = "";
    last = null;
    firstPlan = "";
    lastPlan = "";
  }

  private void print(String line) {
    out.println(line);
    out.flush();
  }

  private static String clock(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}

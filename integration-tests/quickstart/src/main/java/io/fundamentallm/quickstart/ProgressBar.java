package io.fundamentallm.quickstart;

import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.PrintStream;
import java.time.Duration;
import java.util.Locale;

/** Shows how far a training is: a bar that redraws itself on a terminal, else a line every 5 %. */
final class ProgressBar implements TrainingListener {
  private static final int WIDTH = 20;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintStream out;
  private final boolean terminal;
  private String validation = "-";
  private long drawn;
  private String firstPlan = "";
  private String lastPlan = "";
  private boolean finished;

  ProgressBar(PrintStream out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void onPlan(TrainingPlan plan) {
    lastPlan = plan.toString();
    if (firstPlan.isEmpty()) {
      firstPlan = lastPlan;
      out.println("Chosen for this text and this machine: " + plan);
    }
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (!lastPlan.equals(firstPlan)) {
      out.println("Chosen in the end: " + lastPlan);
    }
  }

  @Override
  public void onStep(Progress progress) {
    boolean last = progress.step() == progress.steps();
    finished = last;
    if (terminal) {
      long now = System.nanoTime();
      if (last || drawn == 0 || now - drawn >= REDRAW_NANOS) {
        drawn = now;
        // two blanks wipe out the end of a longer line before
        out.print("\r" + line(progress) + "  " + (last ? System.lineSeparator() : ""));
        out.flush();
      }
    } else if (last
        || twentieths(progress.step(), progress) > twentieths(progress.step() - 1, progress)) {
      out.println(line(progress));
    }
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    validation = String.format(Locale.ROOT, "%.3f", evaluation.loss());
    if (finished) {
      out.println("Validation loss over the whole held-out part: " + validation);
    }
  }

  private String line(Progress progress) {
    int done = twentieths(progress.step(), progress);
    return String.format(
        Locale.ROOT,
        "[%s%s] step %d/%d, loss %.3f, validation loss %s, %.0f tokens/s, %s left",
        "#".repeat(done),
        ".".repeat(WIDTH - done),
        progress.step(),
        progress.steps(),
        progress.loss(),
        validation,
        progress.tokensPerSecond(),
        clock(progress.remaining()));
  }

  private static int twentieths(int step, Progress progress) {
    return (int) ((long) step * WIDTH / progress.steps());
  }

  private static String clock(Duration time) {
    return String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart());
  }
}

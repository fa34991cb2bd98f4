package io.fundamentallm.commandline;

import io.fundamentallm.text.LearningListener;
import io.fundamentallm.training.TrainingListener;
import io.fundamentallm.training.TrainingMemory;
import io.fundamentallm.training.TrainingPlan;
import io.fundamentallm.training.TrainingResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Locale;

/**
 * Reports the progress of a training: on one line that is rewritten on a terminal, elsewhere on
 * about twenty lines in all.
 */
final class ProgressLine implements TrainingListener, LearningListener {
  private static final int LINES = 20;
  private static final long REDRAW_NANOS = 100_000_000;

  private final PrintWriter out;
  private final boolean terminal;
  private long drawn;
  private int width;
  private int lastStep;
  private int taken;
  private String firstPlan = "";
  private String lastPlan = "";
  private int planned; // steps; 0 where the trainer chooses them
  private String phase = "";

  ProgressLine(PrintWriter out, boolean terminal) {
    this.out = out;
    this.terminal = terminal;
  }

  @Override
  public void onProgress(String current, long done, long total) {
    if (!terminal) {
      return;
    }
    boolean first = !current.equals(phase);
    phase = current;
    if (first || due()) {
      draw(total <= 0 ? phase : phase + " " + 100 * done / total + " %");
    }
  }

  @Override
  public void onMemory(TrainingMemory memory) {
    line("memory " + memory);
  }

  @Override
  public void onPlan(TrainingPlan plan) {
    lastPlan = plan.toString();
    planned = plan.open().contains("steps") ? 0 : plan.steps();
    if (firstPlan.isEmpty()) {
      firstPlan = lastPlan;
      line("chose " + plan);
    }
  }

  @Override
  public void onStep(Progress progress) {
    lastStep = progress.step();
    taken++;
    boolean last = lastStep == progress.steps();
    if (terminal) {
      if (last || due()) {
        draw(text(progress));
      }
    } else if (last || lines(lastStep, progress) > lines(lastStep - 1, progress)) {
      line(text(progress));
    }
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    line(
        String.format(
            Locale.ROOT,
            "after step %d: validation loss %.3f, %s%s%s",
            evaluation.step(),
            evaluation.loss(),
            evaluation.pairs()
                ? String.format(
                    Locale.ROOT,
                    "reward accuracy %.3f, reward margin %.3f",
                    evaluation.accuracy(),
                    evaluation.margin())
                : String.format(Locale.ROOT, "perplexity %.2f", evaluation.perplexity()),
            bytes(evaluation.bitsPerByte()),
            evaluation.whole()
                ? ""
                : evaluation.pairs()
                    ? ", over a part of the held-out pairs"
                    : ", over a part of the held-out text"));
  }

  /** The held-out tokens may all be special ones, which have no bytes. */
  private static String bytes(double bits) {
    return Double.isNaN(bits) ? "" : String.format(Locale.ROOT, ", %.3f bits per byte", bits);
  }

  @Override
  public void onCheckpoint(int step, Path directory) {
    // one is also written when a training is stopped
    line("wrote " + directory);
  }

  @Override
  public void onEnd(TrainingResult result) {
    if (!lastPlan.equals(firstPlan)) {
      line("chose in the end " + lastPlan);
    }
    line(
        taken == 0
            ? "was already finished, after " + steps(result) + early(result)
            : "finished after " + steps(result) + " and " + clock(result.duration()));
  }

  private static String steps(TrainingResult result) {
    return result.steps() + (result.steps() == 1 ? " step" : " steps");
  }

  private String early(TrainingResult result) {
    return result.steps() >= planned
        ? ""
        : " of "
            + planned
            + ": it had stopped early; --changed=validation.patience with another --patience lets"
            + " it go on";
  }

  /** The last step taken; 0 before the first. */
  int lastStep() {
    return lastStep;
  }

  /** Prints a line that stays. */
  void line(String text) {
    clear();
    out.println(text);
    out.flush();
  }

  /** Leaves an empty line to write on. */
  void clear() {
    if (width > 0) {
      out.print("\r" + " ".repeat(width) + "\r");
      out.flush();
      width = 0;
    }
  }

  private void draw(String text) {
    out.print("\r" + text + " ".repeat(Math.max(0, width - text.length())));
    out.flush();
    width = text.length();
  }

  private boolean due() {
    long now = System.nanoTime();
    if (drawn != 0 && now - drawn < REDRAW_NANOS) {
      return false;
    }
    drawn = now;
    return true;
  }

  private String text(Progress progress) {
    String loss =
        String.format(
            Locale.ROOT,
            "step %d/%d, loss %.3f",
            progress.step(),
            progress.steps(),
            progress.loss());
    return taken == 1 // which is slower than the others
        ? loss
        : String.format(
            Locale.ROOT,
            "%s, %,.0f tokens/s, %s left",
            loss,
            progress.tokensPerSecond(),
            clock(progress.remaining()));
  }

  private static long lines(int step, Progress progress) {
    return (long) step * LINES / progress.steps();
  }

  private static String clock(Duration time) {
    return time.toHours() == 0
        ? String.format(Locale.ROOT, "%d:%02d", time.toMinutes(), time.toSecondsPart())
        : String.format(
            Locale.ROOT,
            "%d:%02d:%02d",
            time.toHours(),
            time.toMinutesPart(),
            time.toSecondsPart());
  }
}

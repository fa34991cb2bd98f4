package io.fundamentallm.quickstart;

import io.fundamentallm.TrainingListener;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Collects the losses of a training and draws them as an SVG that needs nothing beside it. */
final class LossCurve implements TrainingListener {
  private static final int WIDTH = 800;
  private static final int HEIGHT = 480;
  private static final int LEFT = 70;
  private static final int RIGHT = 770;
  private static final int TOP = 50;
  private static final int BOTTOM = 420;

  private record Point(int step, double loss) {}

  private final List<Point> training = new ArrayList<>();
  private final List<Point> validation = new ArrayList<>();

  @Override
  public void onStep(Progress progress) {
    training.add(new Point(progress.step(), progress.loss()));
  }

  @Override
  public void onEvaluation(Evaluation evaluation) {
    validation.add(new Point(evaluation.step(), evaluation.loss()));
  }

  void write(Path file) throws IOException {
    Files.writeString(file, svg());
  }

  private String svg() {
    List<Point> all = new ArrayList<>(training);
    all.addAll(validation);
    double lowest = all.stream().mapToDouble(Point::loss).min().orElse(0);
    double highest = all.stream().mapToDouble(Point::loss).max().orElse(1);
    double lossTick = tick(Math.max(highest - lowest, 0.01));
    Axes axes =
        new Axes(
            all.stream().mapToInt(Point::step).max().orElse(1),
            Math.floor(lowest / lossTick) * lossTick,
            Math.ceil(highest / lossTick) * lossTick);

    StringBuilder svg = new StringBuilder();
    svg.append(
        """
        <?xml version="1.0" encoding="UTF-8"?>
        <svg xmlns="http://www.w3.org/2000/svg" width="%d" height="%d" viewBox="0 0 %1$d %2$d"
             font-family="sans-serif" font-size="13" fill="#333">
          <rect width="100%%" height="100%%" fill="white"/>
          <text x="%d" y="28" font-size="16" font-weight="bold">Loss, in nats per character</text>
          <text x="%d" y="462" text-anchor="middle">step</text>
        """
            .formatted(WIDTH, HEIGHT, LEFT, (LEFT + RIGHT) / 2));
    axes.draw(svg, tick(axes.lastStep), lossTick);
    curve(svg, axes, training, "#1f77b4", 0.25, 1);
    curve(svg, axes, smooth(training), "#1f77b4", 1, 2);
    curve(svg, axes, validation, "#d62728", 1, 1);
    for (Point point : validation) {
      svg.append(
          text(
              "  <circle cx=\"%.1f\" cy=\"%.1f\" r=\"3.5\" fill=\"#d62728\"/>%n",
              axes.x(point.step), axes.y(point.loss)));
    }
    legend(svg);
    return svg.append("</svg>\n").toString();
  }

  /** Each point is a mean of all before it, the latest fiftieth of the steps weighing most. */
  private static List<Point> smooth(List<Point> points) {
    double keep = 1 - 1 / Math.max(1, points.size() / 50.0);
    double sum = 0;
    double weight = 0;
    List<Point> smooth = new ArrayList<>(points.size());
    for (Point point : points) {
      sum = keep * sum + point.loss;
      weight = keep * weight + 1;
      smooth.add(new Point(point.step, sum / weight));
    }
    return smooth;
  }

  private static void curve(
      StringBuilder svg, Axes axes, List<Point> points, String color, double opacity, int width) {
    svg.append(
        text(
            "  <polyline fill=\"none\" stroke=\"%s\" stroke-opacity=\"%.2f\" stroke-width=\"%d\""
                + " stroke-linejoin=\"round\" points=\"",
            color, opacity, width));
    for (Point point : points) {
      svg.append(text("%.1f,%.1f ", axes.x(point.step), axes.y(point.loss)));
    }
    svg.append("\"/>\n");
  }

  private void legend(StringBuilder svg) {
    String last =
        validation.isEmpty()
            ? ""
            : text(" (%.3f at the end)", validation.get(validation.size() - 1).loss);
    svg.append(
        """
          <line x1="470" y1="66" x2="494" y2="66" stroke="#1f77b4" stroke-width="2"/>
          <text x="502" y="71">training, smoothed</text>
          <circle cx="482" cy="88" r="3.5" fill="#d62728"/>
          <text x="502" y="93">validation%s</text>
        """
            .formatted(last));
  }

  /** A distance of 1, 2 or 5 times a power of ten that puts 4 to 10 marks on a range. */
  private static double tick(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / 4)));
    double steps = range / 4 / power;
    return power * (steps >= 5 ? 5 : steps >= 2 ? 2 : 1);
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private record Axes(int lastStep, double lowest, double highest) {
    double x(double step) {
      return LEFT + (RIGHT - LEFT) * step / lastStep;
    }

    double y(double loss) {
      return BOTTOM - (BOTTOM - TOP) * (loss - lowest) / (highest - lowest);
    }

    void draw(StringBuilder svg, double stepTick, double lossTick) {
      int decimals = lossTick < 0.1 ? 2 : lossTick < 1 ? 1 : 0;
      long marks = Math.round((highest - lowest) / lossTick);
      for (long i = 0; i <= marks; i++) {
        double loss = lowest + i * lossTick;
        svg.append(
            text(
                "  <line x1=\"%d\" y1=\"%.1f\" x2=\"%d\" y2=\"%2$.1f\" stroke=\"#ddd\"/>%n"
                    + "  <text x=\"%d\" y=\"%.1f\" text-anchor=\"end\">%."
                    + decimals
                    + "f</text>%n",
                LEFT,
                y(loss),
                RIGHT,
                LEFT - 8,
                y(loss) + 4.5,
                loss));
      }
      for (double step = 0; step <= lastStep; step += Math.max(1, stepTick)) {
        svg.append(
            text(
                "  <line x1=\"%.1f\" y1=\"%d\" x2=\"%1$.1f\" y2=\"%d\" stroke=\"#333\"/>%n"
                    + "  <text x=\"%1$.1f\" y=\"%d\" text-anchor=\"middle\">%.0f</text>%n",
                x(step), BOTTOM, BOTTOM + 5, BOTTOM + 22, step));
      }
      svg.append(
          text(
              "  <path d=\"M%d %d V%d H%d\" fill=\"none\" stroke=\"#333\"/>%n",
              LEFT, TOP, BOTTOM, RIGHT));
    }
  }
}

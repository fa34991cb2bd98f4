package io.fundamentallm.internal.report;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Draws curves over the steps of a training as an SVG that takes its colours from the page. */
public final class CurveChart {
  // Sizes as on a phone, where the picture is as wide as the screen.
  private static final int WIDTH = 360;
  private static final int HEIGHT = 220;
  private static final int LEFT = 52;
  private static final int RIGHT = 345;
  private static final int TOP = 10;
  private static final int BOTTOM = 190;

  /**
   * A line of points.
   *
   * @param style its class in the page's style sheet
   * @param dots whether each point is marked
   */
  private record Line(List<Curve.Point> points, String style, boolean dots) {}

  /** The width of an 11-pixel digit in the widest of the usual fonts. */
  private static final double DIGIT = 6.7;

  private final String title;
  private final List<Line> lines = new ArrayList<>();

  public CurveChart(String title) {
    this.title = title;
  }

  public CurveChart line(List<Curve.Point> points, String style) {
    lines.add(new Line(points, style, false));
    return this;
  }

  public CurveChart dots(List<Curve.Point> points, String style) {
    lines.add(new Line(points, style, true));
    return this;
  }

  /** The picture; empty if there is no point yet. */
  public String svg() {
    List<Curve.Point> all = lines.stream().flatMap(line -> line.points().stream()).toList();
    if (all.isEmpty()) {
      return "";
    }
    double first = all.stream().mapToDouble(Curve.Point::x).min().orElse(0);
    double last = Math.max(first + 1, all.stream().mapToDouble(Curve.Point::x).max().orElse(1));
    double lowest = all.stream().mapToDouble(Curve.Point::y).min().orElse(0);
    double highest = all.stream().mapToDouble(Curve.Point::y).max().orElse(1);
    double tick = tick(Math.max(highest - lowest, Math.max(Math.abs(highest) * 0.05, 1e-9)));
    Axes axes =
        new Axes(first, last, Math.floor(lowest / tick) * tick, Math.ceil(highest / tick) * tick);
    StringBuilder svg = new StringBuilder();
    svg.append(
        text("<svg viewBox=\"0 0 %d %d\" role=\"img\" aria-label=\"%s\">\n", WIDTH, HEIGHT, title));
    axes.draw(svg, tick);
    for (Line line : lines) {
      svg.append("<polyline class=\"").append(line.style()).append("\" points=\"");
      for (Curve.Point point : line.points()) {
        svg.append(text("%.1f,%.1f ", axes.x(point.x()), axes.y(point.y())));
      }
      svg.append("\"/>\n");
      for (Curve.Point point : line.dots() ? line.points() : List.<Curve.Point>of()) {
        svg.append(
            text(
                "<circle class=\"%s\" cx=\"%.1f\" cy=\"%.1f\" r=\"2.5\"/>\n",
                line.style(), axes.x(point.x()), axes.y(point.y())));
      }
    }
    return svg.append("</svg>\n").toString();
  }

  /** A distance of 1, 2 or 5 times a power of ten that puts 4 to 10 marks on a range. */
  private static double tick(double range) {
    double power = Math.pow(10, Math.floor(Math.log10(range / 4)));
    double steps = range / 4 / power;
    return power * (steps >= 5 ? 5 : steps >= 2 ? 2 : 1);
  }

  /** The next longer distance of that kind. */
  private static double longer(double tick) {
    return tick(4 * 2.51 * tick);
  }

  /**
   * A number with enough digits to distinguish it from its neighbours, short enough for the margin.
   */
  private static String label(double value, double tick) {
    int decimals = -(int) Math.floor(Math.log10(tick) + 1e-9);
    BigDecimal exact = new BigDecimal(value).setScale(decimals, RoundingMode.HALF_EVEN);
    if (exact.signum() == 0) {
      return "0";
    }
    String plain = exact.stripTrailingZeros().toPlainString();
    if (plain.length() * DIGIT <= LEFT - 6) {
      return plain;
    }
    int digits = decimals + (int) Math.floor(Math.log10(Math.abs(value)) + 1e-9);
    return text("%." + Math.max(0, digits) + "e", value)
        .replaceFirst("(\\.[0-9]*?)0*e", "$1e")
        .replaceFirst("\\.?e\\+?(-?)0*", "e$1");
  }

  private static String text(String format, Object... values) {
    return String.format(Locale.ROOT, format, values);
  }

  private record Axes(double first, double last, double lowest, double highest) {
    double x(double step) {
      return LEFT + (RIGHT - LEFT) * (step - first) / (last - first);
    }

    double y(double value) {
      return highest > lowest
          ? BOTTOM - (BOTTOM - TOP) * (value - lowest) / (highest - lowest)
          : BOTTOM;
    }

    void draw(StringBuilder svg, double tick) {
      long marks = Math.round((highest - lowest) / tick);
      for (long i = 0; i <= marks; i++) {
        double value = Math.rint(lowest / tick + i) * tick;
        svg.append(
            text(
                "<path class=\"grid\" d=\"M%d %.1fH%d\"/><text class=\"left\" x=\"%d\""
                    + " y=\"%.1f\">%s</text>\n",
                LEFT, y(value), RIGHT, LEFT - 6, y(value) + 4, label(value, tick)));
      }
      double between = Math.max(1, tick(last - first));
      double width = DIGIT * label(Math.floor(last / between) * between, between).length();
      while (x(first + between) - x(first) < width + DIGIT) {
        between = longer(between);
      }
      for (double step = Math.ceil(first / between) * between; step <= last; step += between) {
        svg.append(
            text(
                "<path class=\"axis\" d=\"M%.1f %dv4\"/><text class=\"below\" x=\"%.1f\""
                    + " y=\"%d\">%s</text>\n",
                x(step),
                BOTTOM,
                Math.min(x(step), WIDTH - width / 2),
                BOTTOM + 18,
                label(step, between)));
      }
      svg.append(text("<path class=\"axis\" d=\"M%d %dV%dH%d\"/>\n", LEFT, TOP, BOTTOM, RIGHT));
    }
  }
}

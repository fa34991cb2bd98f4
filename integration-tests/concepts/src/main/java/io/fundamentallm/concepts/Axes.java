package io.fundamentallm.concepts;

import java.util.Locale;

/**
 * Where the points of a curve lie in a drawing.
 *
 * @param left pixel of the smallest x
 * @param top pixel of the largest y
 * @param width in pixels
 * @param height in pixels
 * @param x the range from left to right
 * @param y the range from bottom to top
 */
record Axes(double left, double top, double width, double height, Range x, Range y) {
  /** From one number to a larger one. */
  record Range(double from, double to) {
    double part(double value) {
      return (value - from) / (to - from);
    }
  }

  /** The pixels of a point. */
  double[] point(double atX, double atY) {
    return new double[] {left + width * x.part(atX), top + height * (1 - y.part(atY))};
  }

  /** The points of numbers that stand at first, first + 1 and so on. */
  double[][] curve(int first, double[] values) {
    double[][] points = new double[values.length][];
    for (int i = 0; i < values.length; i++) {
      points[i] = point(first + i, values[i]);
    }
    return points;
  }

  /** Draws a line of the grid for each multiple of the steps, and what the axes are. */
  void draw(Svg svg, double stepX, double stepY, String nameX, String nameY) {
    for (double at = Math.ceil(y.from / stepY) * stepY; at <= y.to + 1e-9; at += stepY) {
      double[] start = point(x.from, at);
      svg.line("rule", start, point(x.to, at));
      svg.text("small end", left - 6, start[1] + 4, label(at, stepY));
    }
    for (double at = Math.ceil(x.from / stepX) * stepX; at <= x.to + 1e-9; at += stepX) {
      svg.text("small mid", point(at, y.from)[0], top + height + 16, label(at, stepX));
    }
    svg.text("small mid", left + width / 2, top + height + 34, nameX);
    svg.text("small", 10, top - 10, nameY);
  }

  /** A level line with its name above its right end. */
  void level(Svg svg, double at, String name) {
    double[] end = point(x.to, at);
    svg.line("dash", point(x.from, at), end);
    svg.text("small end", end[0], end[1] - 4, name);
  }

  private static String label(double value, double step) {
    return String.format(Locale.ROOT, step < 1 ? "%.1f" : "%,.0f", value);
  }
}

package io.fundamentallm.internal.report;

import java.util.ArrayList;
import java.util.List;

/**
 * A curve that stays short no matter how many values are added: each point is the mean of as many
 * neighbours as necessary. One thread at a time.
 */
public final class Curve {
  /** As many points as a page can draw and a reader can distinguish. */
  private static final int MAX = 1000;

  /**
   * A point.
   *
   * @param x mean step
   * @param y mean value
   */
  public record Point(double x, double y) {}

  private final List<Point> points = new ArrayList<>();
  private int width = 1; // values in a point
  private int waiting;
  private double sumX;
  private double sumY;

  /** Adds a value; one that is not finite is left out. */
  public void add(double x, double y) {
    if (!Double.isFinite(y)) {
      return;
    }
    sumX += x;
    sumY += y;
    waiting++;
    if (waiting < width) {
      return;
    }
    points.add(new Point(sumX / waiting, sumY / waiting));
    waiting = 0;
    sumX = 0;
    sumY = 0;
    if (points.size() == MAX) {
      halve();
    }
  }

  /** How many values a point is the mean of. */
  public int width() {
    return width;
  }

  /**
   * Starts with the points of another curve.
   *
   * @param earlier in order; those from a given step on are left out
   * @param earlierWidth their {@link #width()}, a power of two
   */
  public void begin(List<Point> earlier, int earlierWidth, double before) {
    width = earlierWidth;
    for (Point point : earlier) {
      if (point.x < before && points.size() < MAX - 1) {
        points.add(point);
      }
    }
  }

  private void halve() {
    for (int i = 0; i < MAX / 2; i++) {
      Point a = points.get(2 * i);
      Point b = points.get(2 * i + 1);
      points.set(i, new Point((a.x + b.x) / 2, (a.y + b.y) / 2));
    }
    points.subList(MAX / 2, MAX).clear();
    width *= 2;
  }

  /** The points so far, in order. */
  public List<Point> points() {
    List<Point> all = new ArrayList<>(points);
    if (waiting > 0) {
      all.add(new Point(sumX / waiting, sumY / waiting));
    }
    return all;
  }

  /**
   * The same, smoothed: each point is a mean of those before it, weighted mostly to the latest
   * fiftieth.
   */
  public List<Point> smooth() {
    List<Point> all = points();
    double keep = 1 - 1 / Math.max(1, all.size() / 50.0);
    double sum = 0;
    double weight = 0;
    for (int i = 0; i < all.size(); i++) {
      sum = keep * sum + all.get(i).y;
      weight = keep * weight + 1;
      all.set(i, new Point(all.get(i).x, sum / weight));
    }
    return all;
  }
}

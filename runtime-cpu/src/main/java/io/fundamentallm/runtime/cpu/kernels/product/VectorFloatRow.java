package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/** One row times float weights, at the speed of memory. */
final class VectorFloatRow {

  private static final int STRIP = FloatWeights.STRIP;

  private VectorFloatRow() {}

  /**
   * Adds to y [panels·PANEL] the product of some columns of x and of some panels. Two of them at a
   * time are four streams, and enough sums to hide the latency of adding.
   *
   * @param column the first of {@code columns}, which is at {@code xAt}
   */
  static void multiply(
      FloatWeights w,
      int panel,
      int panels,
      int column,
      int columns,
      float[] x,
      int xAt,
      float[] y,
      int yAt) {
    int strip = w.strip();
    int at = w.at(panel) + column * STRIP;
    int i = 0;
    for (; i <= panels - 2; i += 2) {
      for (int lane = 0; lane < STRIP; lane += VL) {
        int from = at + 2 * i * strip + lane;
        four(columns, x, xAt, w.values, from, strip, y, yAt + i * PackedWeights.PANEL + lane);
      }
    }
    for (; i < panels; i++) {
      for (int lane = 0; lane < STRIP; lane += VL) {
        int from = at + 2 * i * strip + lane;
        two(columns, x, xAt, w.values, from, strip, y, yAt + i * PackedWeights.PANEL + lane);
      }
    }
  }

  private static void four(
      int columns, float[] x, int xAt, float[] w, int w0, int strip, float[] y, int yAt) {
    int w1 = w0 + strip;
    int w2 = w0 + 2 * strip;
    int w3 = w0 + 3 * strip;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * STRIP);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, yAt + 2 * STRIP);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, yAt + 3 * STRIP);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      s0 = f.fma(FloatVector.fromArray(SPECIES, w, w0 + k * STRIP), s0);
      s1 = f.fma(FloatVector.fromArray(SPECIES, w, w1 + k * STRIP), s1);
      s2 = f.fma(FloatVector.fromArray(SPECIES, w, w2 + k * STRIP), s2);
      s3 = f.fma(FloatVector.fromArray(SPECIES, w, w3 + k * STRIP), s3);
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + 1 * STRIP);
    s2.intoArray(y, yAt + 2 * STRIP);
    s3.intoArray(y, yAt + 3 * STRIP);
  }

  private static void two(
      int columns, float[] x, int xAt, float[] w, int w0, int strip, float[] y, int yAt) {
    int w1 = w0 + strip;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + STRIP);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      s0 = f.fma(FloatVector.fromArray(SPECIES, w, w0 + k * STRIP), s0);
      s1 = f.fma(FloatVector.fromArray(SPECIES, w, w1 + k * STRIP), s1);
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + STRIP);
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/** One row times float weights, at the speed of memory. */
final class VectorFloatRow {

  // With a constant step the compiler can move index checks out of the loop.
  private static final int GROUP_STEP = PackedWeights.GROUP * PackedWeights.PANEL;

  private VectorFloatRow() {}

  /**
   * Adds to y [panels·PANEL] the product of some columns of x and of some panels of one group.
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
    int lanes = panels * PackedWeights.PANEL;
    int step = w.step(panel);
    int at = w.at(panel, w.columns()) + column * step;
    int i = 0;
    for (; step == GROUP_STEP && i <= lanes - 4 * VL; i += 4 * VL) {
      group(columns, x, xAt, w.values, at + i, y, yAt + i);
    }
    for (; i < lanes; i += 2 * VL) {
      two(columns, w.values, at + i, step, x, xAt, y, yAt + i);
    }
  }

  private static void group(
      int columns, float[] x, int xAt, float[] w, int wAt, float[] y, int yAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, yAt + 2 * VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, yAt + 3 * VL);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      int at = wAt + k * GROUP_STEP;
      s0 = f.fma(FloatVector.fromArray(SPECIES, w, at), s0);
      s1 = f.fma(FloatVector.fromArray(SPECIES, w, at + 1 * VL), s1);
      s2 = f.fma(FloatVector.fromArray(SPECIES, w, at + 2 * VL), s2);
      s3 = f.fma(FloatVector.fromArray(SPECIES, w, at + 3 * VL), s3);
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + 1 * VL);
    s2.intoArray(y, yAt + 2 * VL);
    s3.intoArray(y, yAt + 3 * VL);
  }

  private static void two(
      int columns, float[] w, int wAt, int step, float[] x, int xAt, float[] y, int yAt) {
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, yAt + 1 * VL);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      int at = wAt + k * step;
      s0 = f.fma(FloatVector.fromArray(SPECIES, w, at), s0);
      s1 = f.fma(FloatVector.fromArray(SPECIES, w, at + 1 * VL), s1);
    }
    s0.intoArray(y, yAt);
    s1.intoArray(y, yAt + 1 * VL);
  }
}

package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;

/** Element by element on the Vector API, bit for bit as {@link ScalarElementwise}. */
public final class VectorElementwise implements ElementwiseKernels {

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector.fromArray(SPECIES, y, yAt + i)
          .add(FloatVector.fromArray(SPECIES, x, xAt + i))
          .intoArray(y, yAt + i);
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void multiply(int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector.fromArray(SPECIES, y, yAt + i)
          .mul(FloatVector.fromArray(SPECIES, x, xAt + i))
          .intoArray(y, yAt + i);
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] *= x[xAt + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector.fromArray(SPECIES, x, xAt + i).mul(factor).intoArray(x, xAt + i);
    }
    for (int i = bound; i < n; i++) {
      x[xAt + i] *= factor;
    }
  }

  @Override
  public void cap(int n, float scale, float cap, float[] x, int xAt) {
    VectorActivation.cap(n, scale / cap, cap, x, xAt);
  }

  @Override
  public void capSlope(int n, float scale, float cap, float[] x, int xAt, float[] y, int yAt) {
    VectorSlope.cap(n, scale, 1 / cap, x, xAt, y, yAt);
  }

  @Override
  public void addColumnSums(
      int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector sum = FloatVector.fromArray(SPECIES, sums, sumsAt + i);
      for (int r = 0; r < rows; r++) {
        sum = sum.add(FloatVector.fromArray(SPECIES, x, xAt + r * ldx + i));
      }
      sum.intoArray(sums, sumsAt + i);
    }
    for (int i = bound; i < n; i++) {
      float sum = sums[sumsAt + i];
      for (int r = 0; r < rows; r++) {
        sum += x[xAt + r * ldx + i];
      }
      sums[sumsAt + i] = sum;
    }
  }

  @Override
  public void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.activate(f, n, x, xAt, y, yAt);
  }

  @Override
  public void slope(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    VectorSlope.slope(f, n, x, xAt, y, yAt);
  }

  @Override
  public void gate(Activation f, int panels, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.gate(f, panels, x, xAt, y, yAt);
  }

  @Override
  public void limitedGate(float limit, int panels, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.limitedGate(limit, panels, x, xAt, y, yAt);
  }

  @Override
  public void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.gelu(n, x, xAt, y, yAt);
  }

  @Override
  public void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    VectorActivation.swiglu(n, x, xAt, y, yAt);
  }

  @Override
  public void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    VectorActivation.swigluBackward(n, x, xAt, dy, dyAt, dx, dxAt);
  }

  @Override
  public void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt) {
    VectorDropout.dropout(n, key, first, threshold, scale, x, xAt);
  }
}

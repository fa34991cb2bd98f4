package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Exponential.exp;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

/** Element by element in plain Java. */
public final class ScalarElementwise implements ElementwiseKernels {

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void multiply(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] *= x[xAt + i];
    }
  }

  @Override
  public void scale(int n, float factor, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] *= factor;
    }
  }

  @Override
  public void cap(int n, float scale, float cap, float[] x, int xAt) {
    float ratio = scale / cap;
    for (int i = xAt; i < xAt + n; i++) {
      x[i] = ScalarActivation.cap(x[i], ratio, cap);
    }
  }

  @Override
  public void capSlope(int n, float scale, float cap, float[] x, int xAt, float[] y, int yAt) {
    float ratio = 1 / cap;
    for (int i = 0; i < n; i++) {
      y[yAt + i] = ScalarSlope.cap(x[xAt + i], scale, ratio);
    }
  }

  @Override
  public void addColumnSums(
      int rows, int n, float[] x, int xAt, int ldx, float[] sums, int sumsAt) {
    for (int r = 0; r < rows; r++) {
      add(n, x, xAt + r * ldx, sums, sumsAt);
    }
  }

  @Override
  public void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = ScalarActivation.of(f, x[xAt + i]);
    }
  }

  @Override
  public void slope(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] = ScalarSlope.of(f, x[xAt + i]);
    }
  }

  @Override
  public void gate(Activation f, int panels, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < panels * PANEL; i++) {
      int from = xAt + i / PANEL * 2 * PANEL + i % PANEL;
      y[yAt + i] = ScalarActivation.of(f, x[from]) * x[from + PANEL];
    }
  }

  @Override
  public void limitedGate(float limit, int panels, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < panels * PANEL; i++) {
      int from = xAt + i / PANEL * 2 * PANEL + i % PANEL;
      y[yAt + i] = ScalarActivation.limitedGate(x[from], x[from + PANEL], limit);
    }
  }

  @Override
  public void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      ScalarActivation.gelu(x, xAt + i, y, yAt + i);
    }
  }

  @Override
  public void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      float gate = x[xAt + i];
      y[yAt + i] = gate / (1f + exp(-gate)) * x[xAt + n + i];
    }
  }

  @Override
  public void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    for (int i = 0; i < n; i++) {
      ScalarActivation.swigluBackward(n, x, xAt + i, dy[dyAt + i], dx, dxAt + i);
    }
  }

  @Override
  public void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt) {
    for (int i = 0; i < n; i++) {
      x[xAt + i] = DropoutHash.drop(x[xAt + i] * scale, key, first + i, threshold);
    }
  }
}

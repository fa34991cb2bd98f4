package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.VectorExponential;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Activations on the Vector API, bit for bit those of {@link ScalarActivation}. */
final class VectorActivation {

  private static final int PANEL = PackedWeights.PANEL;

  private VectorActivation() {}

  static void activate(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = SPECIES.loopBound(n);
    // a loop for each activation, so that none is chosen inside the loop
    switch (f) {
      case GELU -> exactGelu(bound, x, xAt, y, yAt);
      case GELU_TANH -> geluTanh(bound, x, xAt, y, yAt);
      case SILU -> {
        System.arraycopy(x, xAt, y, yAt, bound);
        VectorExponential.exp(bound, -1f, 0f, y, yAt);
        for (int i = 0; i < bound; i += VL) {
          FloatVector.fromArray(SPECIES, x, xAt + i)
              .div(FloatVector.fromArray(SPECIES, y, yAt + i).add(1f))
              .intoArray(y, yAt + i);
        }
      }
      case RELU -> {
        for (int i = 0; i < bound; i += VL) {
          FloatVector.fromArray(SPECIES, x, xAt + i).max(0f).intoArray(y, yAt + i);
        }
      }
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] = ScalarActivation.of(f, x[xAt + i]);
    }
  }

  private static void geluTanh(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector linear = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_3);
    for (int i = 0; i < n; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      v.mul(v.mul(v).fma(cubic, linear)).intoArray(y, yAt + i);
    }
    VectorExponential.exp(n, -1f, 0f, y, yAt);
    for (int i = 0; i < n; i += VL) {
      FloatVector e = FloatVector.fromArray(SPECIES, y, yAt + i);
      FloatVector.fromArray(SPECIES, x, xAt + i).mul(one.div(one.add(e))).intoArray(y, yAt + i);
    }
  }

  private static void exactGelu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector two = FloatVector.broadcast(SPECIES, 2f);
    for (int i = 0; i < n; i += VL) {
      FloatVector z =
          FloatVector.fromArray(SPECIES, x, xAt + i).abs().mul(ScalarActivation.ROOT_HALF);
      z.mul(z).intoArray(y, yAt + i);
    }
    VectorExponential.exp(n, -1f, 0f, y, yAt);
    for (int i = 0; i < n; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector z = v.abs().mul(ScalarActivation.ROOT_HALF);
      FloatVector t = one.div(z.fma(FloatVector.broadcast(SPECIES, ScalarActivation.ERF_P), one));
      FloatVector p =
          t.fma(
              FloatVector.broadcast(SPECIES, ScalarActivation.ERF_5),
              FloatVector.broadcast(SPECIES, ScalarActivation.ERF_4));
      p = p.fma(t, FloatVector.broadcast(SPECIES, ScalarActivation.ERF_3));
      p = p.fma(t, FloatVector.broadcast(SPECIES, ScalarActivation.ERF_2));
      p = p.fma(t, FloatVector.broadcast(SPECIES, ScalarActivation.ERF_1));
      FloatVector tail = p.mul(t).mul(FloatVector.fromArray(SPECIES, y, yAt + i));
      FloatVector half = v.mul(0.5f);
      half.mul(two.sub(tail))
          .blend(half.mul(tail), v.compare(VectorOperators.LT, 0f))
          .intoArray(y, yAt + i);
    }
  }

  /**
   * y [panels][PANEL] from x [panels][gate, up].
   *
   * <p>C2 takes this into the method that computes a layer's panels, which is so large that it
   * inlines nothing more but the Vector API itself; a call of what returns a vector would leave one
   * on the heap. So exponentials go through y, here and in {@link #activate}.
   */
  static void gate(Activation f, int panels, float[] x, int xAt, float[] y, int yAt) {
    if (f == Activation.SILU) {
      for (int panel = 0; panel < panels; panel++) {
        int from = xAt + 2 * panel * PANEL;
        int to = yAt + panel * PANEL;
        System.arraycopy(x, from, y, to, PANEL);
        VectorExponential.exp(PANEL, -1f, 0f, y, to);
        for (int i = 0; i < PANEL; i += VL) {
          FloatVector.fromArray(SPECIES, x, from + i)
              .div(FloatVector.fromArray(SPECIES, y, to + i).add(1f))
              .mul(FloatVector.fromArray(SPECIES, x, from + PANEL + i))
              .intoArray(y, to + i);
        }
      }
      return;
    }
    for (int panel = 0; panel < panels; panel++) {
      int from = xAt + 2 * panel * PANEL;
      int to = yAt + panel * PANEL;
      activate(f, PANEL, x, from, y, to);
      for (int i = 0; i < PANEL; i += VL) {
        FloatVector.fromArray(SPECIES, y, to + i)
            .mul(FloatVector.fromArray(SPECIES, x, from + PANEL + i))
            .intoArray(y, to + i);
      }
    }
  }

  static void limitedGate(float limit, int panels, float[] x, int xAt, float[] y, int yAt) {
    for (int panel = 0; panel < panels; panel++) {
      int from = xAt + 2 * panel * PANEL;
      int to = yAt + panel * PANEL;
      for (int i = 0; i < PANEL; i += VL) {
        FloatVector.fromArray(SPECIES, x, from + i)
            .min(limit)
            .mul(ScalarActivation.SHARPNESS)
            .intoArray(y, to + i);
      }
      VectorExponential.exp(PANEL, -1f, 0f, y, to);
      for (int i = 0; i < PANEL; i += VL) {
        FloatVector u = FloatVector.fromArray(SPECIES, x, from + PANEL + i).min(limit).max(-limit);
        FloatVector.fromArray(SPECIES, x, from + i)
            .min(limit)
            .div(FloatVector.fromArray(SPECIES, y, to + i).add(1f))
            .mul(u.add(1f))
            .intoArray(y, to + i);
      }
    }
  }

  static void cap(int n, float ratio, float cap, float[] x, int xAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    int whole = SPECIES.loopBound(n);
    for (int i = xAt; i < xAt + whole; i += VL) {
      FloatVector u = FloatVector.fromArray(SPECIES, x, i).mul(ratio);
      FloatVector e = VectorExponential.exp(u.abs().mul(-2f));
      FloatVector y = one.sub(e).div(one.add(e)).mul(cap);
      y.blend(y.neg(), u.compare(VectorOperators.LT, 0f)).intoArray(x, i);
    }
    for (int i = xAt + whole; i < xAt + n; i++) {
      x[i] = ScalarActivation.cap(x[i], ratio, cap);
    }
  }

  static void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector linear = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_3);
    FloatVector slopes = FloatVector.broadcast(SPECIES, 3 * ScalarActivation.GELU_3);
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector square = v.mul(v);
      FloatVector e = VectorExponential.exp(v.mul(square.fma(cubic, linear)).neg());
      FloatVector gate = one.div(one.add(e));
      v.mul(gate).intoArray(y, yAt + i);
      v.mul(square.fma(slopes, linear)).fma(gate.mul(one.sub(gate)), gate).intoArray(x, xAt + i);
    }
    for (int i = bound; i < n; i++) {
      ScalarActivation.gelu(x, xAt + i, y, yAt + i);
    }
  }

  static void swiglu(int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector gate = FloatVector.fromArray(SPECIES, x, xAt + i);
      gate.div(VectorExponential.exp(gate.neg()).add(1f))
          .mul(FloatVector.fromArray(SPECIES, x, xAt + n + i))
          .intoArray(y, yAt + i);
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] = ScalarActivation.of(Activation.SILU, x[xAt + i]) * x[xAt + n + i];
    }
  }

  static void swigluBackward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector gate = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector sigmoid = one.div(one.add(VectorExponential.exp(gate.neg())));
      FloatVector silu = gate.mul(sigmoid);
      FloatVector d = FloatVector.fromArray(SPECIES, dy, dyAt + i);
      d.mul(FloatVector.fromArray(SPECIES, x, xAt + n + i))
          .mul(silu.fma(one.sub(sigmoid), sigmoid))
          .intoArray(dx, dxAt + i);
      d.mul(silu).intoArray(dx, dxAt + n + i);
    }
    for (int i = bound; i < n; i++) {
      ScalarActivation.swigluBackward(n, x, xAt + i, dy[dyAt + i], dx, dxAt + i);
    }
  }
}

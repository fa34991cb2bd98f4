package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.VectorExponential;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/** Slopes of activations on the Vector API, bit for bit those of {@link ScalarSlope}. */
final class VectorSlope {

  private VectorSlope() {}

  static void slope(Activation f, int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = SPECIES.loopBound(n);
    // a loop for each activation, so that none is chosen inside the loop
    switch (f) {
      case GELU -> exactGelu(bound, x, xAt, y, yAt);
      case GELU_TANH -> geluTanh(bound, x, xAt, y, yAt);
      case SILU -> silu(bound, x, xAt, y, yAt);
      case RELU -> relu(bound, x, xAt, y, yAt);
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] = ScalarSlope.of(f, x[xAt + i]);
    }
  }

  private static void geluTanh(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector linear = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, ScalarActivation.GELU_3);
    FloatVector slopes = FloatVector.broadcast(SPECIES, 3 * ScalarActivation.GELU_3);
    for (int i = 0; i < n; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector square = v.mul(v);
      FloatVector e = VectorExponential.exp(v.mul(square.fma(cubic, linear)).neg());
      FloatVector gate = one.div(one.add(e));
      v.mul(square.fma(slopes, linear)).fma(gate.mul(one.sub(gate)), gate).intoArray(y, yAt + i);
    }
  }

  private static void silu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    for (int i = 0; i < n; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector sigmoid = one.div(one.add(VectorExponential.exp(v.neg())));
      v.mul(sigmoid).fma(one.sub(sigmoid), sigmoid).intoArray(y, yAt + i);
    }
  }

  private static void relu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector zero = FloatVector.zero(SPECIES);
    for (int i = 0; i < n; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      zero.blend(1f, v.compare(VectorOperators.GT, 0f)).intoArray(y, yAt + i);
    }
  }

  private static void exactGelu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector two = FloatVector.broadcast(SPECIES, 2f);
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
      FloatVector e = VectorExponential.exp(z.mul(z).neg());
      FloatVector tail = p.mul(t).mul(e);
      FloatVector below =
          two.sub(tail).mul(0.5f).blend(tail.mul(0.5f), v.compare(VectorOperators.LT, 0f));
      v.mul(ScalarSlope.DENSITY).fma(e, below).intoArray(y, yAt + i);
    }
  }

  static void cap(int n, float scale, float ratio, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      FloatVector u = FloatVector.fromArray(SPECIES, x, xAt + i).mul(ratio);
      one.sub(u.mul(u)).mul(scale).intoArray(y, yAt + i);
    }
    for (int i = bound; i < n; i++) {
      y[yAt + i] = ScalarSlope.cap(x[xAt + i], scale, ratio);
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.ScalarKernels.GELU_1;
import static io.fundamentallm.runtime.cpu.kernels.ScalarKernels.GELU_3;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import jdk.incubator.vector.FloatVector;

/**
 * GELU and its gradient on the Vector API. A block goes through three short loops while it stays in
 * the first-level cache: the argument of the exponential, the exponential, and what is made of it.
 */
final class VectorGelu {

  private static final int BLOCK = 1024;

  private VectorGelu() {}

  static void forward(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int from = 0; from < n; from += BLOCK) {
      int length = Math.min(BLOCK, n - from);
      exponential(length, x, xAt + from, y, yAt + from);
      forwardBlock(length, x, xAt + from, y, yAt + from);
    }
  }

  // A method of its own, as is every loop here: so it is compiled after few calls.
  private static void forwardBlock(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector gate = one.div(one.add(FloatVector.fromArray(SPECIES, y, yAt + i)));
      FloatVector.fromArray(SPECIES, x, xAt + i).mul(gate).intoArray(y, yAt + i);
    }
    for (int i = whole; i < n; i++) {
      y[yAt + i] = x[xAt + i] * (1f / (1f + y[yAt + i]));
    }
  }

  static void backward(
      int n, float[] x, int xAt, float[] dy, int dyAt, float[] dx, int dxAt, float[] scratch) {
    for (int from = 0; from < n; from += BLOCK) {
      int length = Math.min(BLOCK, n - from);
      exponential(length, x, xAt + from, scratch, 0);
      backwardBlock(length, x, xAt + from, scratch, dy, dyAt + from, dx, dxAt + from);
    }
  }

  private static void backwardBlock(
      int n, float[] x, int xAt, float[] e, float[] dy, int dyAt, float[] dx, int dxAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector linear = FloatVector.broadcast(SPECIES, GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, 3 * GELU_3);
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector gate = one.div(one.add(FloatVector.fromArray(SPECIES, e, i)));
      FloatVector slope = v.mul(v.mul(v).fma(cubic, linear));
      FloatVector derivative = slope.fma(gate.mul(one.sub(gate)), gate);
      FloatVector.fromArray(SPECIES, dy, dyAt + i).mul(derivative).intoArray(dx, dxAt + i);
    }
    for (int i = whole; i < n; i++) {
      dx[dxAt + i] = dy[dyAt + i] * ScalarKernels.geluSlope(x[xAt + i]);
    }
  }

  /** y = exp(−u), where gelu(x) = x / (1 + exp(−u)). */
  private static void exponential(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector linear = FloatVector.broadcast(SPECIES, GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, GELU_3);
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      v.mul(v.mul(v).fma(cubic, linear)).intoArray(y, yAt + i);
    }
    for (int i = whole; i < n; i++) {
      float v = x[xAt + i];
      y[yAt + i] = v * Math.fma(v * v, GELU_3, GELU_1);
    }
    VectorExponential.exp(n, -1f, 0f, y, yAt);
  }
}

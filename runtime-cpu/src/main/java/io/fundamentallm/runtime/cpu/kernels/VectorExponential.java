package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Exponential} on the Vector API: the same operations on every lane. It works on arrays, for
 * a function from vector to vector is fast only where the compiler decides to inline it.
 */
final class VectorExponential {

  private VectorExponential() {}

  /** Replaces x by {@code exp(scale·x + shift)}. */
  static void exp(int n, float scale, float shift, float[] x, int xAt) {
    FloatVector scales = FloatVector.broadcast(SPECIES, scale);
    FloatVector shifts = FloatVector.broadcast(SPECIES, shift);
    FloatVector rounder = FloatVector.broadcast(SPECIES, Exponential.ROUNDER);
    FloatVector log2e = FloatVector.broadcast(SPECIES, Exponential.LOG2_E);
    FloatVector ln2High = FloatVector.broadcast(SPECIES, -Exponential.LN2_HIGH);
    FloatVector ln2Low = FloatVector.broadcast(SPECIES, -Exponential.LN2_LOW);
    FloatVector p0 = FloatVector.broadcast(SPECIES, Exponential.P0);
    FloatVector p1 = FloatVector.broadcast(SPECIES, Exponential.P1);
    FloatVector p2 = FloatVector.broadcast(SPECIES, Exponential.P2);
    FloatVector p3 = FloatVector.broadcast(SPECIES, Exponential.P3);
    FloatVector p4 = FloatVector.broadcast(SPECIES, Exponential.P4);
    FloatVector p5 = FloatVector.broadcast(SPECIES, Exponential.P5);
    int whole = SPECIES.loopBound(n);
    for (int i = xAt; i < xAt + whole; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, i).fma(scales, shifts);
      FloatVector rounded = v.fma(log2e, rounder);
      FloatVector k = rounded.sub(rounder);
      FloatVector r = k.fma(ln2Low, k.fma(ln2High, v));
      FloatVector p = p0.fma(r, p1).fma(r, p2).fma(r, p3).fma(r, p4).fma(r, p5);
      p = p.fma(r.mul(r), r).add(1f);
      IntVector exponent = rounded.reinterpretAsInts().sub(Exponential.ROUNDER_BITS);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      IntVector rest = exponent.sub(half);
      p = p.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      p = p.mul(rest.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
      p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, Exponential.OVERFLOW));
      p = p.blend(0f, v.compare(VectorOperators.LT, Exponential.UNDERFLOW));
      p.intoArray(x, i);
    }
    for (int i = xAt + whole; i < xAt + n; i++) {
      x[i] = Exponential.exp(Math.fma(x[i], scale, shift));
    }
  }
}

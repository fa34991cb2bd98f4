package io.fundamentallm.runtime.cpu.kernels.math;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link Exponential} on the Vector API: the same operations on every lane. The function from
 * vector to vector is fast only where the compiler inlines it, so it belongs only in hot loops.
 */
public final class VectorExponential {

  private VectorExponential() {}

  /**
   * Replaces x by {@code exp(scale·x + shift)}.
   *
   * <p>The same as {@link #exp(FloatVector)}, written out: C2 may take this loop into a method that
   * is so large that it inlines nothing more but the Vector API itself.
   */
  public static void exp(int n, float scale, float shift, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = xAt; i < xAt + bound; i += VL) {
      FloatVector v =
          FloatVector.fromArray(SPECIES, x, i)
              .fma(FloatVector.broadcast(SPECIES, scale), FloatVector.broadcast(SPECIES, shift));
      FloatVector rounded =
          v.fma(
              FloatVector.broadcast(SPECIES, Exponential.LOG2_E),
              FloatVector.broadcast(SPECIES, Exponential.ROUNDER));
      FloatVector whole = rounded.sub(Exponential.ROUNDER);
      FloatVector r =
          whole.fma(
              FloatVector.broadcast(SPECIES, -Exponential.LN2_LOW),
              whole.fma(FloatVector.broadcast(SPECIES, -Exponential.LN2_HIGH), v));
      FloatVector p =
          FloatVector.broadcast(SPECIES, Exponential.P0)
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P1))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P2))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P3))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P4))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P5));
      p = p.fma(r.mul(r), r).add(1f);
      IntVector exponent = rounded.reinterpretAsInts().sub(Exponential.ROUNDER_BITS);
      IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
      IntVector rest = exponent.sub(half).add(127).lanewise(VectorOperators.LSHL, 23);
      half = half.add(127).lanewise(VectorOperators.LSHL, 23);
      p = p.mul(half.reinterpretAsFloats()).mul(rest.reinterpretAsFloats());
      p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, Exponential.OVERFLOW));
      p.blend(0f, v.compare(VectorOperators.LT, Exponential.UNDERFLOW)).intoArray(x, i);
    }
    for (int i = xAt + bound; i < xAt + n; i++) {
      x[i] = Exponential.exp(Math.fma(x[i], scale, shift));
    }
  }

  /** {@code eˣ} of each lane. */
  public static FloatVector exp(FloatVector v) {
    FloatVector rounder = FloatVector.broadcast(SPECIES, Exponential.ROUNDER);
    FloatVector rounded = v.fma(FloatVector.broadcast(SPECIES, Exponential.LOG2_E), rounder);
    FloatVector whole = rounded.sub(rounder);
    FloatVector r =
        whole.fma(
            FloatVector.broadcast(SPECIES, -Exponential.LN2_LOW),
            whole.fma(FloatVector.broadcast(SPECIES, -Exponential.LN2_HIGH), v));
    FloatVector p =
        FloatVector.broadcast(SPECIES, Exponential.P0)
            .fma(r, FloatVector.broadcast(SPECIES, Exponential.P1))
            .fma(r, FloatVector.broadcast(SPECIES, Exponential.P2))
            .fma(r, FloatVector.broadcast(SPECIES, Exponential.P3))
            .fma(r, FloatVector.broadcast(SPECIES, Exponential.P4))
            .fma(r, FloatVector.broadcast(SPECIES, Exponential.P5));
    p = p.fma(r.mul(r), r).add(1f);
    IntVector exponent = rounded.reinterpretAsInts().sub(Exponential.ROUNDER_BITS);
    IntVector half = exponent.lanewise(VectorOperators.ASHR, 1);
    IntVector rest = exponent.sub(half);
    p = p.mul(half.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
    p = p.mul(rest.add(127).lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats());
    p = p.blend(Float.POSITIVE_INFINITY, v.compare(VectorOperators.GT, Exponential.OVERFLOW));
    return p.blend(0f, v.compare(VectorOperators.LT, Exponential.UNDERFLOW));
  }

  /**
   * Replaces x by {@link Exponential#expOfNegative} of {@code scale·x + shift}; n is a number of
   * times the lanes of a vector. Written out for the same reason.
   */
  public static void expOfNegative(int n, float scale, float shift, float[] x, int xAt) {
    for (int i = xAt; i < xAt + n; i += VL) {
      FloatVector v =
          FloatVector.fromArray(SPECIES, x, i)
              .fma(FloatVector.broadcast(SPECIES, scale), FloatVector.broadcast(SPECIES, shift));
      FloatVector rounded =
          v.fma(
              FloatVector.broadcast(SPECIES, Exponential.LOG2_E),
              FloatVector.broadcast(SPECIES, Exponential.ROUNDER));
      FloatVector whole = rounded.sub(Exponential.ROUNDER);
      FloatVector r =
          whole.fma(
              FloatVector.broadcast(SPECIES, -Exponential.LN2_LOW),
              whole.fma(FloatVector.broadcast(SPECIES, -Exponential.LN2_HIGH), v));
      FloatVector p =
          FloatVector.broadcast(SPECIES, Exponential.P0)
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P1))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P2))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P3))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P4))
              .fma(r, FloatVector.broadcast(SPECIES, Exponential.P5));
      p = p.fma(r.mul(r), r).add(1f);
      IntVector exponent = rounded.reinterpretAsInts().add(127 - Exponential.ROUNDER_BITS);
      p.mul(exponent.lanewise(VectorOperators.LSHL, 23).reinterpretAsFloats())
          .blend(0f, v.compare(VectorOperators.LT, Exponential.SUBNORMAL))
          .intoArray(x, i);
    }
  }
}

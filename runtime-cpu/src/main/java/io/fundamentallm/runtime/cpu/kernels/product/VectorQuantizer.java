package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.ENDS;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.MAX;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.MAX_STEPS;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.PANEL;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.REFINEMENTS;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.ROUNDER;
import static io.fundamentallm.runtime.cpu.kernels.product.ScalarQuantizer.ZERO_ROUNDER;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorOperators;

/** {@link ScalarQuantizer} for as many rows as a register has lanes. */
final class VectorQuantizer {

  private VectorQuantizer() {}

  static void quantize(int n, float[] x, int lane, float[] scales, float[] minima) {
    FloatVector low = FloatVector.zero(SPECIES);
    FloatVector high = low;
    for (int k = 0; k < n; k++) {
      FloatVector w = FloatVector.fromArray(SPECIES, x, k * PANEL + lane);
      low = low.min(w);
      high = high.max(w);
    }
    FloatVector plain =
        high.div(MAX)
            .sub(low.div(MAX))
            .reinterpretAsInts()
            .add(Int4Weights.HALF_UNIT)
            .and(Int4Weights.HELD)
            .reinterpretAsFloats();
    plain.intoArray(scales, lane);
    FloatVector none = FloatVector.zero(SPECIES);
    FloatVector negated = none.sub(low).div(plain).add(ZERO_ROUNDER).sub(ZERO_ROUNDER).mul(plain);
    none.blend(negated, plain.compare(VectorOperators.GT, none)).intoArray(minima, lane);
    float[] best = new float[SPECIES.length()];
    java.util.Arrays.fill(best, Float.POSITIVE_INFINITY);
    for (float lower : ENDS) {
      for (float upper : ENDS) {
        FloatVector minimum = FloatVector.zero(SPECIES).sub(low.mul(lower));
        FloatVector scale = high.mul(upper).sub(low.mul(lower)).div(MAX);
        for (int i = 0; i <= REFINEMENTS; i++) {
          scale.intoArray(scales, PANEL + lane);
          minimum.intoArray(minima, PANEL + lane);
          step(n, x, lane, scales, minima, best);
          scale = FloatVector.fromArray(SPECIES, scales, PANEL + lane);
          minimum = FloatVector.fromArray(SPECIES, minima, PANEL + lane);
        }
      }
    }
  }

  /**
   * Tries the scales and minima of the arrays' second halves, keeps them in the first where they
   * are the best so far, and replaces them by their least-squares refinement.
   */
  private static void step(
      int n, float[] x, int lane, float[] scales, float[] minima, float[] best) {
    FloatVector scale =
        FloatVector.fromArray(SPECIES, scales, PANEL + lane)
            .reinterpretAsInts()
            .add(Int4Weights.HALF_UNIT)
            .and(Int4Weights.HELD)
            .reinterpretAsFloats();
    FloatVector zero = FloatVector.zero(SPECIES);
    FloatVector minimum =
        FloatVector.fromArray(SPECIES, minima, PANEL + lane)
            .div(scale)
            .add(ZERO_ROUNDER)
            .sub(ZERO_ROUNDER)
            .mul(scale);
    minimum = zero.blend(minimum, scale.compare(VectorOperators.GT, zero));
    FloatVector error = zero;
    FloatVector sumQ = zero;
    FloatVector sumQq = zero;
    FloatVector sumX = zero;
    FloatVector sumXq = zero;
    FloatVector inverse =
        zero.blend(
            FloatVector.broadcast(SPECIES, 1f).div(scale), scale.compare(VectorOperators.GT, zero));
    FloatVector negative = minimum.neg();
    for (int k = 0; k < n; k++) {
      FloatVector w = FloatVector.fromArray(SPECIES, x, k * PANEL + lane);
      FloatVector q = w.add(minimum).mul(inverse).add(ROUNDER).sub(ROUNDER).max(0f).min(MAX);
      FloatVector difference = w.sub(scale.fma(q, negative));
      error = difference.fma(difference, error);
      sumQ = sumQ.add(q);
      sumQq = q.fma(q, sumQq);
      sumX = sumX.add(w);
      sumXq = w.fma(q, sumXq);
    }
    FloatVector known = FloatVector.fromArray(SPECIES, best, 0);
    VectorMask<Float> better = error.compare(VectorOperators.LT, known);
    known.blend(error, better).intoArray(best, 0);
    FloatVector.fromArray(SPECIES, scales, lane).blend(scale, better).intoArray(scales, lane);
    FloatVector.fromArray(SPECIES, minima, lane).blend(minimum, better).intoArray(minima, lane);

    FloatVector spread = sumQq.mul(n).sub(sumQ.mul(sumQ));
    FloatVector slope = sumXq.mul(n).sub(sumX.mul(sumQ)).div(spread);
    FloatVector intercept = sumX.sub(slope.mul(sumQ)).div(n);
    VectorMask<Float> above = intercept.compare(VectorOperators.GT, zero);
    intercept = intercept.blend(zero, above);
    slope = slope.blend(sumXq.div(sumQq), above);
    VectorMask<Float> usable =
        spread
            .compare(VectorOperators.GT, zero)
            .and(slope.compare(VectorOperators.GT, zero))
            .and(zero.sub(intercept).compare(VectorOperators.LE, slope.mul(MAX_STEPS)));
    scale.blend(slope, usable).intoArray(scales, PANEL + lane);
    minimum.blend(zero.sub(intercept), usable).intoArray(minima, PANEL + lane);
  }
}

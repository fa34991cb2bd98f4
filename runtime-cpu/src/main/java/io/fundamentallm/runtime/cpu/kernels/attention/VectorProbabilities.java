package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.math.ScalarSums.LANES;

import io.fundamentallm.runtime.cpu.kernels.math.VectorExponential;
import io.fundamentallm.runtime.cpu.kernels.math.VectorSums;
import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link AttentionKernels#probabilities} on the Vector API, in whole vectors. Hidden elements are
 * first set to minus infinity, which changes neither the largest element nor the sum.
 */
final class VectorProbabilities {

  // From VL − v on, v ones and then zeros.
  private static final float[] ONES = ones();

  private VectorProbabilities() {}

  private static float[] ones() {
    float[] ones = new float[2 * VL];
    Arrays.fill(ones, 0, VL, 1f);
    return ones;
  }

  static void probabilities(int from, int to, int n, float scale, float[] x, int xAt) {
    int end = (to + LANES - 1) & -LANES;
    Arrays.fill(x, xAt, xAt + from, Float.NEGATIVE_INFINITY);
    for (int i = to & -VL; i < end; i += VL) {
      maskAfter(Math.max(0, to - i), x, xAt + i);
    }
    // the scale is positive, so it can be applied after the comparisons
    float max = max(end, x, xAt) * scale;
    VectorExponential.expOfNegative(end, scale, -max, x, xAt);
    float factor = 1f / VectorSums.sum(end, x, xAt);
    for (int i = xAt; i < xAt + end; i += VL) {
      FloatVector.fromArray(SPECIES, x, i).mul(factor).intoArray(x, i);
    }
    // once more, in case there were NaN
    Arrays.fill(x, xAt, xAt + from, 0f);
    Arrays.fill(x, xAt + to, xAt + n, 0f);
  }

  /**
   * Writes minus infinity over the elements of a vector after the first ones. The vector is written
   * as a whole, because a vector that is read right after parts of it were written waits for them.
   */
  private static void maskAfter(int valid, float[] x, int at) {
    FloatVector ones = FloatVector.fromArray(SPECIES, ONES, VL - valid);
    FloatVector.fromArray(SPECIES, x, at)
        .blend(Float.NEGATIVE_INFINITY, ones.compare(VectorOperators.EQ, 0f))
        .intoArray(x, at);
  }

  /**
   * The largest element, if none is NaN. Uses comparisons, because the Vector API's maximum handles
   * NaN and the sign of zeros and takes several times as long.
   */
  private static float max(int n, float[] x, int xAt) {
    FloatVector even = FloatVector.fromArray(SPECIES, x, xAt);
    FloatVector odd = FloatVector.fromArray(SPECIES, x, xAt + n - VL);
    for (int i = VL; i < n - VL; i += 2 * VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      even = even.blend(v, v.compare(VectorOperators.GT, even));
      v = FloatVector.fromArray(SPECIES, x, xAt + i + VL);
      odd = odd.blend(v, v.compare(VectorOperators.GT, odd));
    }
    return even.max(odd).reduceLanes(VectorOperators.MAX);
  }
}

package io.fundamentallm.runtime.cpu.kernels.elementwise;

import static io.fundamentallm.runtime.cpu.kernels.elementwise.DropoutHash.MULTIPLIER_1;
import static io.fundamentallm.runtime.cpu.kernels.elementwise.DropoutHash.MULTIPLIER_2;
import static io.fundamentallm.runtime.cpu.kernels.elementwise.DropoutHash.WEYL;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static jdk.incubator.vector.VectorOperators.ASHR;
import static jdk.incubator.vector.VectorOperators.LSHR;
import static jdk.incubator.vector.VectorOperators.XOR;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;

/** {@link ElementwiseKernels#dropout} on the Vector API. */
final class VectorDropout {

  private static final int[] STEPS = steps();

  private VectorDropout() {}

  private static int[] steps() {
    int[] steps = new int[VL];
    for (int i = 0; i < VL; i++) {
      steps[i] = i * WEYL;
    }
    return steps;
  }

  static void dropout(int n, long key, int first, int threshold, float scale, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    IntVector counter = IntVector.fromArray(INTS, STEPS, 0).add(first * WEYL + (int) key);
    IntVector high = IntVector.broadcast(INTS, (int) (key >>> 32));
    IntVector below = IntVector.broadcast(INTS, threshold - 1);
    for (int i = xAt; i < xAt + bound; i += VL) {
      IntVector h = counter.lanewise(XOR, counter.lanewise(LSHR, 16)).mul(MULTIPLIER_1);
      h = h.lanewise(XOR, h.lanewise(LSHR, 15)).add(high).mul(MULTIPLIER_2);
      h = h.lanewise(XOR, h.lanewise(LSHR, 16)).lanewise(LSHR, 8);
      IntVector kept = below.sub(h).lanewise(ASHR, 31);
      FloatVector.fromArray(SPECIES, x, i)
          .mul(scale)
          .reinterpretAsInts()
          .and(kept)
          .reinterpretAsFloats()
          .intoArray(x, i);
      counter = counter.add(VL * WEYL);
    }
    for (int i = bound; i < n; i++) {
      x[xAt + i] = DropoutHash.drop(x[xAt + i] * scale, key, first + i, threshold);
    }
  }
}

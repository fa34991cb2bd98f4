package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.ScalarKernels.GELU_1;
import static io.fundamentallm.runtime.cpu.kernels.ScalarKernels.GELU_3;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import jdk.incubator.vector.FloatVector;

/** GELU and its slope on the Vector API. */
final class VectorGelu {

  private VectorGelu() {}

  static void gelu(int n, float[] x, int xAt, float[] y, int yAt) {
    FloatVector one = FloatVector.broadcast(SPECIES, 1f);
    FloatVector linear = FloatVector.broadcast(SPECIES, GELU_1);
    FloatVector cubic = FloatVector.broadcast(SPECIES, GELU_3);
    FloatVector slopes = FloatVector.broadcast(SPECIES, 3 * GELU_3);
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      FloatVector v = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector square = v.mul(v);
      FloatVector e = VectorExponential.exp(v.mul(square.fma(cubic, linear)).neg());
      FloatVector gate = one.div(one.add(e));
      v.mul(gate).intoArray(y, yAt + i);
      v.mul(square.fma(slopes, linear)).fma(gate.mul(one.sub(gate)), gate).intoArray(x, xAt + i);
    }
    ScalarKernels.gelu(whole, n, x, xAt, y, yAt);
  }
}

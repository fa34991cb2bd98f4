package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import jdk.incubator.vector.FloatVector;

/** {@link Kernels#rotate} on the Vector API. */
final class VectorRotation {

  private VectorRotation() {}

  static void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    if (half < VL) {
      for (int i = 0; i < half; i++) {
        float a = x[xAt + i];
        float b = x[xAt + half + i];
        float cosine = cosines[tableAt + i];
        float sine = sines[tableAt + i];
        x[xAt + i] = Math.fma(a, cosine, -(b * sine));
        x[xAt + half + i] = Math.fma(b, cosine, a * sine);
      }
      return;
    }
    // The last vector may overlap the one before it: it is read before that is written.
    int last = half - VL;
    FloatVector lastA = FloatVector.fromArray(SPECIES, x, xAt + last);
    FloatVector lastB = FloatVector.fromArray(SPECIES, x, xAt + half + last);
    for (int i = 0; i < last; i += VL) {
      FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector b = FloatVector.fromArray(SPECIES, x, xAt + half + i);
      FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, tableAt + i);
      FloatVector sine = FloatVector.fromArray(SPECIES, sines, tableAt + i);
      a.fma(cosine, b.mul(sine).neg()).intoArray(x, xAt + i);
      b.fma(cosine, a.mul(sine)).intoArray(x, xAt + half + i);
    }
    FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, tableAt + last);
    FloatVector sine = FloatVector.fromArray(SPECIES, sines, tableAt + last);
    lastA.fma(cosine, lastB.mul(sine).neg()).intoArray(x, xAt + last);
    lastB.fma(cosine, lastA.mul(sine)).intoArray(x, xAt + half + last);
  }
}

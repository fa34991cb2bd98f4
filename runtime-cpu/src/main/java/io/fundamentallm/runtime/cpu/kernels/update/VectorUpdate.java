package io.fundamentallm.runtime.cpu.kernels.update;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.VectorSums;
import jdk.incubator.vector.FloatVector;

/** Updates on the Vector API, bit for bit those of {@link ScalarUpdate}. */
public final class VectorUpdate implements UpdateKernels {

  @Override
  public double sumOfSquares(int n, float[] x, int xAt) {
    return VectorSums.squares(n, x, xAt);
  }

  @Override
  public void adamW(
      int n,
      AdamWStep step,
      float[] parameters,
      float[] gradients,
      float[] firstMoments,
      float[] secondMoments,
      int at) {
    int bound = at + SPECIES.loopBound(n);
    FloatVector firstRate = FloatVector.broadcast(SPECIES, step.firstRate());
    FloatVector rootScale = FloatVector.broadcast(SPECIES, step.rootScale());
    FloatVector epsilon = FloatVector.broadcast(SPECIES, step.epsilon());
    for (int i = at; i < bound; i += VL) {
      FloatVector g = FloatVector.fromArray(SPECIES, gradients, i).mul(step.gradientScale());
      FloatVector oldM = FloatVector.fromArray(SPECIES, firstMoments, i);
      FloatVector m = firstRate.fma(g.sub(oldM), oldM);
      FloatVector kept = FloatVector.fromArray(SPECIES, secondMoments, i).mul(step.secondKeep());
      FloatVector v = g.mul(step.secondRate()).fma(g, kept);
      m.intoArray(firstMoments, i);
      v.intoArray(secondMoments, i);
      FloatVector divisor = v.sqrt().fma(rootScale, epsilon);
      FloatVector change = m.mul(step.stepSize()).div(divisor);
      FloatVector.fromArray(SPECIES, parameters, i)
          .mul(step.keep())
          .sub(change)
          .intoArray(parameters, i);
    }
    ScalarUpdate.step(
        at + n - bound, step, parameters, gradients, firstMoments, secondMoments, bound);
  }
}

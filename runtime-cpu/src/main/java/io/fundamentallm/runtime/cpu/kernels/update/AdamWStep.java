package io.fundamentallm.runtime.cpu.kernels.update;

/**
 * The numbers of one AdamW update that are the same for all parameters of a decay group:
 *
 * <pre>{@code
 * g = gradientScale·g
 * p = keep·p                                  keep = 1 − learningRate·weightDecay
 * m = m + firstRate·(g − m)                   firstRate = 1 − beta1
 * v = secondKeep·v + secondRate·g²            secondKeep = beta2, secondRate = 1 − beta2
 * p = p − stepSize·m / (√v·rootScale + epsilon)
 * }</pre>
 *
 * @param gradientScale factor on every gradient, such as that of clipping by norm
 * @param keep what weight decay leaves of a parameter
 * @param firstRate weight of the new gradient in the first moment
 * @param secondKeep weight of the old second moment
 * @param secondRate weight of the new squared gradient in the second moment
 * @param epsilon added to the root of the second moment
 * @param stepSize learning rate with the bias correction of the first moment
 * @param rootScale bias correction of the root of the second moment
 */
public record AdamWStep(
    float gradientScale,
    float keep,
    float firstRate,
    float secondKeep,
    float secondRate,
    float epsilon,
    float stepSize,
    float rootScale) {

  /**
   * The step with the given 1-based number. Coefficients are computed in double, as PyTorch does.
   *
   * @param step 1 for the first step
   * @param weightDecay decoupled weight decay; 0 for none
   */
  public static AdamWStep of(
      long step,
      double learningRate,
      double beta1,
      double beta2,
      double epsilon,
      double weightDecay,
      double gradientScale) {
    if (step < 1) {
      throw new IllegalArgumentException("step must be 1 or more, not " + step);
    }
    return new AdamWStep(
        (float) gradientScale,
        (float) (1 - learningRate * weightDecay),
        (float) (1 - beta1),
        (float) beta2,
        (float) (1 - beta2),
        (float) epsilon,
        (float) (learningRate / (1 - StrictMath.pow(beta1, (double) step))),
        (float) (1 / Math.sqrt(1 - StrictMath.pow(beta2, (double) step))));
  }
}

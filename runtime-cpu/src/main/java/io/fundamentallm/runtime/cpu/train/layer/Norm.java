package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;

/**
 * A normalisation whose parameters are in the flat array: LayerNorm, or RMSNorm where there is no
 * bias.
 *
 * @param channels C
 * @param epsilon added to the variance or the mean square
 * @param weight offset of gamma [C]
 * @param bias offset of beta [C], or {@link ParameterLayout#NONE}
 */
record Norm(int channels, float epsilon, int weight, int bias) {

  /** With its parameters, or their gradients, in this array. */
  Normalization in(float[] array) {
    return new Normalization(
        channels, channels, epsilon, array, weight, bias < 0 ? null : array, bias);
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A normalisation whose parameters are in the flat array: LayerNorm, or RMSNorm where there is no
 * bias. One thread at a time.
 */
final class Norm {
  private final int channels;
  private final float epsilon;
  private final int weight;
  private final int bias;
  private final float offset;
  private final float[] gamma; // [C], where that is not in the flat array

  /**
   * A norm.
   *
   * @param channels C
   * @param epsilon added to the variance or the mean square
   * @param weight offset of gamma [C]
   * @param bias offset of beta [C], or {@link ParameterLayout#NONE}
   * @param offset added to what the flat array holds: 1 where that is gamma less one, as in Gemma
   */
  Norm(int channels, float epsilon, int weight, int bias, float offset) {
    this.channels = channels;
    this.epsilon = epsilon;
    this.weight = weight;
    this.bias = bias;
    this.offset = offset;
    gamma = new float[offset == 0 ? 0 : channels];
  }

  /** Of the residual stream; null where there is none. */
  static @Nullable Norm of(TrainableConfig config, BlockLayout.@Nullable Place at) {
    return at == null ? null : of(config, config.hiddenSize(), at.weight(), at.bias());
  }

  static Norm of(TrainableConfig config, int channels, int weight, int bias) {
    return new Norm(channels, config.normEpsilon(), weight, bias, config.files().normOffset());
  }

  int channels() {
    return channels;
  }

  /** With the values that these parameters have now; not from within parallel work. */
  Normalization with(ElementwiseKernels kernels, float[] parameters) {
    if (offset == 0) {
      return in(parameters);
    }
    Arrays.fill(gamma, offset);
    kernels.add(channels, parameters, weight, gamma, 0);
    return new Normalization(channels, channels, epsilon, gamma, 0, null, bias);
  }

  /** With its parameters as they are, or their gradients, in this array. */
  Normalization in(float[] array) {
    return new Normalization(
        channels, channels, epsilon, array, weight, bias < 0 ? null : array, bias);
  }

  /** Whether any of its parameters is trained. */
  boolean touchedBy(TrainedTensors trained) {
    return trained.touch(weight, channels) || bias >= 0 && trained.touch(bias, channels);
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;

/** Token embeddings, plus position embeddings if the model has them. */
final class Embedding {

  /** Columns of the gradient that one piece of work sums. */
  private static final int COLUMNS = 64;

  private final Compute compute;
  private final int channels;
  private final int tokens;
  private final int positions;
  private final float scale;
  private boolean frozenTokens;
  private boolean frozenPositions;

  Embedding(Compute compute, TrainableConfig config, ParameterLayout layout) {
    this.compute = compute;
    channels = config.hiddenSize();
    scale = config.shape().scales().embedding();
    tokens = layout.tokenEmbedding();
    positions = layout.positionEmbedding();
  }

  /** From now on skips the gradients of token embeddings if they are frozen. */
  void freezeAllBut(TrainedTensors trained, int vocabulary) {
    frozenTokens = !trained.touch(tokens, vocabulary * channels);
    frozenPositions = positions < 0 || !trained.touch(positions, channels);
  }

  /**
   * @param inputs token ids [B·T]
   * @param x receives [B·T][C]
   */
  void forward(float[] parameters, int[] inputs, Pass pass, Floats x) {
    ElementwiseKernels kernels = compute.kernels().elementwise();
    compute.rows(
        inputs.length,
        (from, rows, slot) -> {
          for (int r = from; r < from + rows; r++) {
            int token = tokens + inputs[r] * channels;
            System.arraycopy(parameters, token, x.array(), x.at(r * channels), channels);
            if (scale != 1) {
              kernels.scale(channels, scale, x.array(), x.at(r * channels));
            }
            if (positions >= 0) {
              int position = positions + pass.position(r) * channels;
              kernels.add(channels, parameters, position, x.array(), x.at(r * channels));
            }
          }
          pass.dropout().rows(kernels, Dropout.Place.EMBEDDINGS, 0, from, rows, channels, x);
        });
  }

  /**
   * Adds dx [B·T][C] to the rows of the embeddings, in ascending order of rows. Dropout and the
   * embeddings' scale change dx.
   */
  void backward(float[] gradients, int[] inputs, Pass pass, Floats dx) {
    ElementwiseKernels kernels = compute.kernels().elementwise();
    if (!pass.dropout().isNone()) {
      compute.rows(
          inputs.length,
          (from, rows, slot) ->
              pass.dropout().rows(kernels, Dropout.Place.EMBEDDINGS, 0, from, rows, channels, dx));
    }
    compute.split(
        channels,
        COLUMNS,
        (from, columns, slot) -> {
          for (int r = 0; r < inputs.length; r++) {
            int at = dx.at(r * channels + from);
            if (positions >= 0 && !frozenPositions) {
              int position = positions + pass.position(r) * channels;
              kernels.add(columns, dx.array(), at, gradients, position + from);
            }
            if (!frozenTokens) {
              if (scale != 1) {
                kernels.scale(columns, scale, dx.array(), at);
              }
              kernels.add(columns, dx.array(), at, gradients, tokens + inputs[r] * channels + from);
            }
          }
        });
  }
}

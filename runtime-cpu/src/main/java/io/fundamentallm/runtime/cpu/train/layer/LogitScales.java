package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;

/**
 * What a model does with its logits: a factor on them (Granite), or a soft cap (Gemma 2). Most have
 * neither.
 */
final class LogitScales {
  private final Compute compute;
  private final int vocabulary;
  private final float scale;
  private final float cap; // 0 for none
  private final float[][] slopes; // [slot][V], of a cap

  LogitScales(Compute compute, TrainableConfig config) {
    this.compute = compute;
    vocabulary = config.vocabularySize();
    TransformerConfig.Scales scales = config.shape().scales();
    scale = scales.logits();
    cap = scales.logitCap();
    slopes = cap > 0 ? new float[compute.slots()][vocabulary] : new float[0][];
  }

  /** Bytes of its arrays. */
  static long bytes(TrainableConfig config, int threads) {
    boolean capped = config.shape().scales().logitCap() > 0;
    return capped ? (long) Float.BYTES * threads * config.vocabularySize() : 0;
  }

  /** Rows of logits [rows][V] in place. */
  void forward(int rows, Floats logits) {
    if (cap == 0 && scale == 1) {
      return;
    }
    ElementwiseKernels kernels = compute.kernels().elementwise();
    compute.rows(
        rows,
        (from, n, slot) -> {
          int at = logits.at(from * vocabulary);
          if (cap > 0) {
            kernels.cap(n * vocabulary, scale, cap, logits.array(), at);
          } else {
            kernels.scale(n * vocabulary, scale, logits.array(), at);
          }
        });
  }

  /** Keeps the slopes of a row, before its logits become their gradient. */
  void keepSlopes(int slot, float[] logits, int at) {
    if (cap > 0) {
      float[] own = slopes[slot];
      compute.kernels().elementwise().capSlope(vocabulary, scale, cap, logits, at, own, 0);
    }
  }

  /** Turns a row's gradient with respect to what {@link #forward} gave into that before it. */
  void backward(int slot, float[] gradients, int at) {
    if (cap > 0) {
      compute.kernels().elementwise().multiply(vocabulary, slopes[slot], 0, gradients, at);
    } else if (scale != 1) {
      compute.kernels().elementwise().scale(vocabulary, scale, gradients, at);
    }
  }
}

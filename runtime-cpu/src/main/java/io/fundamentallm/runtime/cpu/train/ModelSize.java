package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.training.TrainingPlan;
import java.util.List;

/**
 * A size of model that an automatic plan may have.
 *
 * @param layers number of blocks
 * @param hiddenSize C, channels of the residual stream, in heads of 32
 */
record ModelSize(int layers, int hiddenSize) {
  private static final int HEAD_SIZE = 32;

  /** The size for a minute on two cores, with which others are compared. */
  static final ModelSize SMALL = new ModelSize(4, 96);

  /** In the middle of the computing with which {@link #SMALL} was the best size, on three texts. */
  private static final double SMALL_FLOPS = 1.7e13;

  /**
   * Weights for each token of the data: beyond it, a larger model only learns the text by heart.
   */
  private static final double WEIGHTS_PER_TOKEN = 16;

  private static final List<ModelSize> SIZES =
      List.of(
          new ModelSize(3, 64),
          SMALL,
          new ModelSize(4, 128),
          new ModelSize(5, 192),
          new ModelSize(6, 256),
          new ModelSize(8, 384),
          new ModelSize(8, 512),
          new ModelSize(12, 768));

  /**
   * The size for so many floating-point operations: weights grow with their square root, so tokens
   * seen do, too (Hoffmann et al. 2022).
   *
   * @param tokens of the data
   */
  static ModelSize of(double flops, long tokens) {
    double weights = SMALL.weights() * Math.sqrt(flops / SMALL_FLOPS);
    double most = Math.min(weights, WEIGHTS_PER_TOKEN * tokens);
    ModelSize nearest = SIZES.get(0);
    for (ModelSize size : SIZES) {
      if (distance(size, most) < distance(nearest, most)) {
        nearest = size;
      }
    }
    return nearest;
  }

  private static double distance(ModelSize size, double weights) {
    return Math.abs(Math.log(size.weights() / weights));
  }

  /** The architecture, as in a plan. */
  String recipe() {
    return "llama(layers="
        + layers
        + ",heads="
        + hiddenSize / HEAD_SIZE
        + ",hidden-size="
        + hiddenSize
        + ")";
  }

  /** Weights of the blocks: four square matrices, and three of 8/3·C. */
  private double weights() {
    return 12.0 * layers * hiddenSize * hiddenSize;
  }

  /** Floating-point operations of a step: products of the blocks, the head and the attention. */
  double flops(TrainingPlan plan, int vocabularySize) {
    double tokens = (double) plan.batchSize() * plan.accumulation() * plan.contextLength();
    double attention = (double) layers * hiddenSize * plan.contextLength();
    return 6 * tokens * (weights() + (double) vocabularySize * hiddenSize + attention);
  }
}

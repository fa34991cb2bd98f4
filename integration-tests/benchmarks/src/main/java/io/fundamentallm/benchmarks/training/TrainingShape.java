package io.fundamentallm.benchmarks.training;

/** The sizes that speed is compared at: GPT-2 style models, of which C is GPT-2 124M itself. */
enum TrainingShape {
  /** The quickstart's model. */
  A(4, 4, 128, 64, 12, 65),
  /** NanoGPT's character model, with a smaller batch. */
  B(6, 6, 384, 256, 12, 65),
  /** GPT-2 124M (Radford et al. 2019). */
  C(12, 12, 768, 64, 4, 50_257);

  final int layers;
  final int heads;
  final int channels;
  final int context;
  final int batch;
  final int vocabulary;

  TrainingShape(int layers, int heads, int channels, int context, int batch, int vocabulary) {
    this.layers = layers;
    this.heads = heads;
    this.channels = channels;
    this.context = context;
    this.batch = batch;
    this.vocabulary = vocabulary;
  }

  /**
   * Floating-point operations of a step's products: of each weight of a matrix two forward and four
   * backward, and likewise of attention over the positions that come before.
   */
  double operations() {
    double weights = 12.0 * layers * channels * channels + (double) vocabulary * channels;
    double attention = 2.0 * layers * channels * (context + 1) / 2;
    return 6 * (weights + attention) * batch * context;
  }
}

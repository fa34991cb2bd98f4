package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.util.List;

/** Shapes of models for tests. */
final class Shapes {
  private static final int VOCABULARY = 37;
  private static final int CONTEXT = 70;
  private static final int CHANNELS = 24;

  private Shapes() {}

  /**
   * A small Llama.
   *
   * @param windows for each layer; 0 for none
   */
  static TransformerConfig llama(
      int heads, int keyValueHeads, int headSize, boolean queryKeyNorm, Integer... windows) {
    return new TransformerConfig(
        "llama",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        new TransformerConfig.Norms(true, 1e-5f, TransformerConfig.Placement.BEFORE),
        TransformerConfig.Attention.of(heads, keyValueHeads, headSize)
            .with(
                queryKeyNorm
                    ? TransformerConfig.QueryKeyNorm.HEAD
                    : TransformerConfig.QueryKeyNorm.NONE),
        new TransformerConfig.FeedForward(40, Activation.SILU, true),
        TransformerConfig.Scales.NONE,
        TransformerConfig.Positions.of(
            new Rotary(headSize / 2 * 2, 10_000, new Rotary.Unscaled()), List.of(windows)));
  }

  /** The same with a longer context. */
  static TransformerConfig longer(TransformerConfig c, int contextLength) {
    return new TransformerConfig(
        c.architecture(),
        c.vocabularySize(),
        contextLength,
        c.hiddenSize(),
        c.norms(),
        c.attention(),
        c.feedForward(),
        c.scales(),
        c.positions());
  }

  /** A small GPT-NeoX, whose attention and feed-forward layer read the same, with odd heads. */
  static TransformerConfig gptNeox() {
    return new TransformerConfig(
        "gpt_neox",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        new TransformerConfig.Norms(false, 1e-5f, TransformerConfig.Placement.PARALLEL),
        TransformerConfig.Attention.of(3, 3, 7),
        new TransformerConfig.FeedForward(50, Activation.GELU, false),
        TransformerConfig.Scales.NONE,
        TransformerConfig.Positions.of(
            new Rotary(2, 10_000, new Rotary.Unscaled()), List.of(0, 0)));
  }

  /** A Llama of 110 million weights: 768 channels, 12 layers, 32,000 tokens. */
  static TransformerConfig large() {
    return new TransformerConfig(
        "llama",
        32_000,
        1024,
        768,
        new TransformerConfig.Norms(true, 1e-5f, TransformerConfig.Placement.BEFORE),
        TransformerConfig.Attention.of(12, 12, 64),
        new TransformerConfig.FeedForward(2048, Activation.SILU, true),
        TransformerConfig.Scales.NONE,
        TransformerConfig.Positions.same(12, new Rotary(64, 10_000, new Rotary.Unscaled()), 0));
  }
}

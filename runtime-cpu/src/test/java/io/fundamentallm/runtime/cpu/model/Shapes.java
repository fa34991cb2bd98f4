package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.util.List;
import java.util.Set;

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

  /** With norms before and after layers, caps, windows and two kinds of rotary positions. */
  static TransformerConfig gemma() {
    TransformerConfig.Positions sliding =
        new TransformerConfig.Positions(new Rotary(8, 100, new Rotary.Unscaled()), 9);
    TransformerConfig.Positions full =
        new TransformerConfig.Positions(new Rotary(8, 10_000, new Rotary.Linear(4)), 0);
    return new TransformerConfig(
        "gemma3_text",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        new TransformerConfig.Norms(true, 1e-5f, TransformerConfig.Placement.BOTH),
        new TransformerConfig.Attention(
            4, 2, 8, 0.2f, 2, TransformerConfig.QueryKeyNorm.HEAD, false),
        new TransformerConfig.FeedForward(40, Activation.GELU_TANH, true),
        new TransformerConfig.Scales(4.5f, 1, 1, 3),
        List.of(sliding, full, sliding));
  }

  /**
   * With norms after layers and over all heads, multipliers, a layer without positions, and rotary
   * positions that change at the 30th token.
   */
  static TransformerConfig olmo() {
    Rotary.Scaling scaling =
        new Rotary.LongRope(List.of(1f, 1.1f, 1.3f), List.of(1f, 3f, 7f), 30, 1.1);
    return new TransformerConfig(
        "olmo2",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        new TransformerConfig.Norms(true, 1e-5f, TransformerConfig.Placement.AFTER),
        TransformerConfig.Attention.of(6, 2, 8).with(TransformerConfig.QueryKeyNorm.WIDTH),
        new TransformerConfig.FeedForward(40, Activation.SILU, true),
        new TransformerConfig.Scales(2, 0.6f, 0.5f, 0),
        List.of(
            new TransformerConfig.Positions(new Rotary(6, 10_000, scaling), 0),
            new TransformerConfig.Positions(null, 0),
            new TransformerConfig.Positions(new Rotary(6, 10_000, scaling), 0)));
  }

  /**
   * With six experts, of which a token takes two, and one for all tokens; and a layer without them.
   */
  static TransformerConfig experts() {
    TransformerConfig dense = llama(4, 2, 8, true, 0, 9);
    return new TransformerConfig(
        "qwen2_moe",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        dense.norms(),
        dense.attention(),
        new TransformerConfig.FeedForward(
            40,
            Activation.SILU,
            true,
            0,
            new TransformerConfig.Experts(6, 2, true, 50, Set.of(1), 72)),
        dense.scales(),
        dense.positions());
  }

  /** With sinks, and experts whose gates are limited. */
  static TransformerConfig gptOss() {
    TransformerConfig dense = llama(6, 2, 8, false, 9, 0, 32);
    return new TransformerConfig(
        "gpt_oss",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        dense.norms(),
        new TransformerConfig.Attention(
            6, 2, 8, 0.4f, 0, TransformerConfig.QueryKeyNorm.NONE, true),
        new TransformerConfig.FeedForward(
            40, Activation.SILU, true, 1.5f, new TransformerConfig.Experts(5, 3, true, 0)),
        dense.scales(),
        dense.positions());
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

package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.util.Collections;
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
        windows.length,
        heads,
        keyValueHeads,
        headSize,
        40,
        true,
        1e-5f,
        Activation.SILU,
        true,
        false,
        queryKeyNorm,
        new Rotary(headSize / 2 * 2, 10_000, new Rotary.Unscaled()),
        List.of(windows));
  }

  /** The same with a longer context. */
  static TransformerConfig longer(TransformerConfig c, int contextLength) {
    return new TransformerConfig(
        c.architecture(),
        c.vocabularySize(),
        contextLength,
        c.hiddenSize(),
        c.layers(),
        c.heads(),
        c.keyValueHeads(),
        c.headSize(),
        c.innerSize(),
        c.rmsNorm(),
        c.normEpsilon(),
        c.activation(),
        c.gated(),
        c.parallelResidual(),
        c.queryKeyNorm(),
        c.rotary(),
        c.windows());
  }

  /** A small GPT-NeoX, whose attention and feed-forward layer read the same, with odd heads. */
  static TransformerConfig gptNeox() {
    return new TransformerConfig(
        "gpt_neox",
        VOCABULARY,
        CONTEXT,
        CHANNELS,
        2,
        3,
        3,
        7,
        50,
        false,
        1e-5f,
        Activation.GELU,
        false,
        true,
        false,
        new Rotary(2, 10_000, new Rotary.Unscaled()),
        List.of(0, 0));
  }

  /** A Llama of 110 million weights: 768 channels, 12 layers, 32,000 tokens. */
  static TransformerConfig large() {
    return new TransformerConfig(
        "llama",
        32_000,
        1024,
        768,
        12,
        12,
        12,
        64,
        2048,
        true,
        1e-5f,
        Activation.SILU,
        true,
        false,
        false,
        new Rotary(64, 10_000, new Rotary.Unscaled()),
        Collections.nCopies(12, 0));
  }
}

package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The shape of a decoder-only transformer, from which one is assembled. It covers the GPT-2,
 * GPT-NeoX and Llama families.
 *
 * @param architecture the {@code model_type} of config.json, such as {@code gpt2} or {@code llama}
 * @param vocabularySize V, number of tokens
 * @param contextLength T, longest sequence
 * @param hiddenSize C, channels of the residual stream
 * @param layers number of blocks
 * @param heads H, attention heads
 * @param keyValueHeads heads of keys and values, of which H is a multiple
 * @param headSize D, channels of a head; H·D need not be C
 * @param innerSize channels inside the feed-forward layer
 * @param rmsNorm RMSNorm (Zhang and Sennrich 2019) if true, else LayerNorm (Ba et al. 2016)
 * @param normEpsilon added to the variance or the mean square
 * @param activation of the feed-forward layer
 * @param gated whether the activation of a gate multiplies the feed-forward layer (Shazeer 2020)
 * @param parallelResidual whether attention and feed-forward layer both read the block's input
 * @param queryKeyNorm whether queries and keys of each head are RMS-normalised before rotation
 * @param rotary rotary positions; null where positions are a learned or fixed table
 * @param windows for each layer how many positions a token sees, itself included; 0 for all
 */
public record TransformerConfig(
    String architecture,
    int vocabularySize,
    int contextLength,
    int hiddenSize,
    int layers,
    int heads,
    int keyValueHeads,
    int headSize,
    int innerSize,
    boolean rmsNorm,
    float normEpsilon,
    Activation activation,
    boolean gated,
    boolean parallelResidual,
    boolean queryKeyNorm,
    @Nullable Rotary rotary,
    List<Integer> windows) {

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public TransformerConfig {
    positive("vocabularySize", vocabularySize);
    positive("contextLength", contextLength);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    positive("keyValueHeads", keyValueHeads);
    positive("headSize", headSize);
    positive("innerSize", innerSize);
    if (heads % keyValueHeads != 0) {
      throw new IllegalArgumentException(
          "heads must be a multiple of keyValueHeads, but "
              + heads
              + " is not a multiple of "
              + keyValueHeads);
    }
    if (!(normEpsilon > 0 && normEpsilon < 1)) {
      throw new IllegalArgumentException(
          "normEpsilon must be above 0 and below 1, not " + normEpsilon);
    }
    if (rotary != null && rotary.dimensions() > headSize) {
      throw new IllegalArgumentException(
          "rotary dimensions must be at most headSize "
              + headSize
              + ", not "
              + rotary.dimensions());
    }
    windows = List.copyOf(windows);
    if (windows.size() != layers) {
      throw new IllegalArgumentException(
          "windows must name one for each of " + layers + " layers, not " + windows.size());
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.model.Rotary;

/**
 * The shape of a transformer that can be trained, in one of two styles, both of which other tools
 * can open:
 *
 * <ul>
 *   <li>GPT-2 (Radford et al. 2019): LayerNorm, learned positions, GELU, biases, tied embeddings;
 *   <li>Llama (Touvron et al. 2023): RMSNorm, rotary positions, SwiGLU, grouped queries, no biases.
 * </ul>
 *
 * @param style which of the two
 * @param vocabularySize V, number of tokens
 * @param contextLength T, longest sequence
 * @param hiddenSize C, channels of the residual stream, a multiple of heads
 * @param layers number of blocks
 * @param heads H, attention heads of C/H channels each
 * @param keyValueHeads heads of keys and values, of which H is a multiple; H for GPT-2
 * @param innerSize I, channels inside the feed-forward layer
 * @param normEpsilon added to the variance or the mean square
 * @param tied whether the token embedding is the language-model head too; always for GPT-2
 * @param ropeTheta base of the rotary angles; not used by GPT-2
 * @param ropeScaling how the angles are stretched; not used by GPT-2
 */
public record TrainableConfig(
    Style style,
    int vocabularySize,
    int contextLength,
    int hiddenSize,
    int layers,
    int heads,
    int keyValueHeads,
    int innerSize,
    float normEpsilon,
    boolean tied,
    double ropeTheta,
    Rotary.Scaling ropeScaling) {

  /** A family of models. */
  public enum Style {
    /** {@code model_type} gpt2. */
    GPT2,
    /** {@code model_type} llama. */
    LLAMA
  }

  /** The epsilon of the published GPT-2 models, and of Llama since version 2. */
  public static final float DEFAULT_EPSILON = 1e-5f;

  /** The base of Su et al. 2021. */
  public static final double DEFAULT_THETA = 10000;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public TrainableConfig {
    positive("vocabularySize", vocabularySize);
    positive("contextLength", contextLength);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    positive("keyValueHeads", keyValueHeads);
    positive("innerSize", innerSize);
    multiple("hiddenSize", hiddenSize, "heads", heads);
    multiple("heads", heads, "keyValueHeads", keyValueHeads);
    if (!(normEpsilon > 0 && normEpsilon < 1)) {
      throw new IllegalArgumentException(
          "normEpsilon must be above 0 and below 1, not " + normEpsilon);
    }
    if (style == Style.GPT2 && (keyValueHeads != heads || !tied)) {
      throw new IllegalArgumentException(
          "a GPT-2 model has as many keyValueHeads as heads, and tied embeddings");
    }
    if (style == Style.LLAMA && hiddenSize / heads % 2 != 0) {
      throw new IllegalArgumentException(
          "hiddenSize/heads must be even for rotary positions, not " + hiddenSize / heads);
    }
    if (!(ropeTheta > 1)) {
      throw new IllegalArgumentException("ropeTheta must be above 1, not " + ropeTheta);
    }
  }

  /** A GPT-2 model with an inner size of 4·C. */
  public static TrainableConfig gpt2(
      int vocabularySize, int contextLength, int hiddenSize, int layers, int heads) {
    return gpt2(vocabularySize, contextLength, hiddenSize, layers, heads, DEFAULT_EPSILON);
  }

  /** A GPT-2 model with an inner size of 4·C and this epsilon. */
  public static TrainableConfig gpt2(
      int vocabularySize, int contextLength, int hiddenSize, int layers, int heads, float epsilon) {
    return new TrainableConfig(
        Style.GPT2,
        vocabularySize,
        contextLength,
        hiddenSize,
        layers,
        heads,
        heads,
        (int) Math.min(Integer.MAX_VALUE, 4L * hiddenSize),
        epsilon,
        true,
        DEFAULT_THETA,
        new Rotary.Unscaled());
  }

  /** A Llama model with the usual epsilon and angles. */
  public static TrainableConfig llama(
      int vocabularySize,
      int contextLength,
      int hiddenSize,
      int layers,
      int heads,
      int keyValueHeads,
      int innerSize,
      boolean tied) {
    return new TrainableConfig(
        Style.LLAMA,
        vocabularySize,
        contextLength,
        hiddenSize,
        layers,
        heads,
        keyValueHeads,
        innerSize,
        DEFAULT_EPSILON,
        tied,
        DEFAULT_THETA,
        new Rotary.Unscaled());
  }

  /** The same for sequences of another length. */
  public TrainableConfig withContextLength(int length) {
    return new TrainableConfig(
        style,
        vocabularySize,
        length,
        hiddenSize,
        layers,
        heads,
        keyValueHeads,
        innerSize,
        normEpsilon,
        tied,
        ropeTheta,
        ropeScaling);
  }

  /** Whether it is a Llama. */
  public boolean isLlama() {
    return style == Style.LLAMA;
  }

  /** D, channels of one head. */
  public int headSize() {
    return hiddenSize / heads;
  }

  /** Q, columns of queries, keys and values. */
  public int queryKeyValueSize() {
    return Math.multiplyExact(heads + 2 * keyValueHeads, headSize());
  }

  /** Columns of the feed-forward layer's first product: I, or gate and up. */
  public int upSize() {
    return isLlama() ? Math.multiplyExact(2, innerSize) : innerSize;
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
  }

  private static void multiple(String name, int value, String ofName, int of) {
    if (value % of != 0) {
      throw new IllegalArgumentException(
          name
              + " must be a multiple of "
              + ofName
              + ", but "
              + value
              + " is not a multiple of "
              + of);
    }
  }
}

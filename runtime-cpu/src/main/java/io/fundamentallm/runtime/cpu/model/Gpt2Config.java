package io.fundamentallm.runtime.cpu.model;

/**
 * The shape of a GPT-2 transformer (Radford et al. 2019).
 *
 * @param vocabularySize V, number of tokens
 * @param contextLength T, longest sequence, the number of learned positions
 * @param hiddenSize C, channels of the residual stream, a multiple of heads
 * @param layers number of blocks
 * @param heads H, attention heads of C/H channels each
 * @param layerNormEpsilon added to the variance; GPT-2 has 1e-5
 */
public record Gpt2Config(
    int vocabularySize,
    int contextLength,
    int hiddenSize,
    int layers,
    int heads,
    float layerNormEpsilon) {

  /** The epsilon of the published GPT-2 models. */
  public static final float DEFAULT_EPSILON = 1e-5f;

  /**
   * Checks every value.
   *
   * @throws IllegalArgumentException if one is out of range; the message names it
   */
  public Gpt2Config {
    positive("vocabularySize", vocabularySize);
    positive("contextLength", contextLength);
    positive("hiddenSize", hiddenSize);
    positive("layers", layers);
    positive("heads", heads);
    if (hiddenSize % heads != 0) {
      throw new IllegalArgumentException(
          "hiddenSize must be a multiple of heads, but "
              + hiddenSize
              + " is not a multiple of "
              + heads);
    }
    if (!(layerNormEpsilon > 0 && layerNormEpsilon < 1)) {
      throw new IllegalArgumentException(
          "layerNormEpsilon must be above 0 and below 1, not " + layerNormEpsilon);
    }
  }

  /** A shape with GPT-2's epsilon. */
  public Gpt2Config(int vocabularySize, int contextLength, int hiddenSize, int layers, int heads) {
    this(vocabularySize, contextLength, hiddenSize, layers, heads, DEFAULT_EPSILON);
  }

  /** Channels of one head. */
  public int headSize() {
    return hiddenSize / heads;
  }

  /** The number of parameters; the largest long where it is larger still. */
  public long parameters() {
    try {
      long c = hiddenSize;
      long block = Math.addExact(Math.multiplyExact(12 * c, c), 13 * c);
      long embeddings = Math.multiplyExact((long) vocabularySize + contextLength, c);
      return Math.addExact(Math.multiplyExact(block, layers), Math.addExact(embeddings, 2 * c));
    } catch (ArithmeticException e) {
      return Long.MAX_VALUE;
    }
  }

  private static void positive(String name, int value) {
    if (value < 1) {
      throw new IllegalArgumentException(name + " must be 1 or more, not " + value);
    }
  }
}

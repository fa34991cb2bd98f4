package io.fundamentallm;

/** Drives a model: prompt in, tokens out. Immutable and thread-safe. */
@FunctionalInterface
public interface Decoder {
  /**
   * Begins a generation. Computes nothing until the result is iterated.
   *
   * @param prompt token ids; at least one. Copied.
   * @throws IllegalArgumentException for an empty prompt or a token id outside the vocabulary
   */
  Generation decode(LanguageModel model, int[] prompt, DecodingOptions options);
}

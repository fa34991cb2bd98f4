package io.fundamentallm.decoding;

import io.fundamentallm.model.LanguageModel;

/**
 * {@code sampling}: one token after another as the sampler chooses them. {@code sampling(n=N)}
 * writes N independent continuations of one prompt. The prompt is computed once, their sessions
 * fork from it, and each step is one pass for all. {@code sampling(best-of=B,n=N)} writes B and
 * returns the N whose tokens have the highest mean log-probability under the model itself.
 *
 * @param n how many sequences are returned, at least 1
 * @param bestOf how many are written, at least n
 * @param ranked whether to order by score, best first, instead of by index
 */
public record SamplingDecoder(int n, int bestOf, boolean ranked) implements Decoder {
  /**
   * A decoder; immutable and thread-safe.
   *
   * @throws IllegalArgumentException if {@code n} is below 1 or above {@code bestOf}
   */
  public SamplingDecoder {
    if (n < 1 || bestOf < n) {
      throw new IllegalArgumentException(
          "n " + n + " and bestOf " + bestOf + "; expected 1 or more, and not less than n");
    }
  }

  @Override
  public Generation decode(LanguageModel model, int[] prompt, DecodingOptions options) {
    long seed = Generations.seed(options);
    return Generations.of(
        new SamplingSource(model, prompt, options, this, seed), options, seed, prompt.length);
  }
}

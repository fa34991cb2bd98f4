package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Generations;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;

/**
 * The settings of a contrastive search; see {@link ContrastiveSearch}.
 *
 * @param k how many candidates are read at each step
 * @param alpha the weight of the penalty
 */
record ContrastiveDecoder(int k, double alpha) implements Decoder {
  @Override
  public Generation decode(LanguageModel model, int[] prompt, DecodingOptions options) {
    ModelInfo info = model.info();
    if (!info.capabilities().contains(Capability.HIDDEN_STATES)) {
      throw new UnsupportedOperationException(
          info.architecture()
              + " on "
              + info.device()
              + " gives no hidden states (it lacks "
              + Capability.HIDDEN_STATES
              + "), which contrastive search compares; another decoder, or another runtime, is"
              + " needed");
    }
    long seed = Generations.seed(options);
    return Generations.of(
        new ContrastiveSource(model, prompt, options, this, seed), options, seed, prompt.length);
  }

  /**
   * The score by which candidates are compared.
   *
   * @param probability of the candidate
   * @param similarity its largest cosine to the context
   */
  double score(double probability, double similarity) {
    return (1 - alpha) * probability - alpha * similarity;
  }
}

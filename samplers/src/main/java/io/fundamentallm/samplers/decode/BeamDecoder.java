package io.fundamentallm.samplers.decode;

import io.fundamentallm.Decoder;
import io.fundamentallm.DecodingOptions;
import io.fundamentallm.Generation;
import io.fundamentallm.LanguageModel;
import io.fundamentallm.spi.Generations;

/**
 * The settings of a beam search; see {@link BeamSearch}.
 *
 * @param width how many hypotheses live side by side, in all groups together
 * @param n how many are returned
 * @param lengthPenalty the exponent of the length
 * @param earlyStopping when a search ends before all hypotheses have
 * @param sample whether candidates are drawn
 * @param groups a divisor of the width
 * @param diversityPenalty not negative
 */
record BeamDecoder(
    int width,
    int n,
    double lengthPenalty,
    EarlyStopping earlyStopping,
    boolean sample,
    int groups,
    double diversityPenalty)
    implements Decoder {
  @Override
  public Generation decode(LanguageModel model, int[] prompt, DecodingOptions options) {
    long seed = Generations.seed(options);
    return Generations.of(
        new BeamSource(model, prompt, options, this, seed), options, seed, prompt.length);
  }
}

package io.fundamentallm.samplers.decode;

import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.decoding.Generations;
import io.fundamentallm.model.LanguageModel;

/**
 * The settings of a beam search; see {@link BeamSearch}.
 *
 * @param width how many hypotheses are live at once, in all groups together
 * @param n how many are returned
 * @param lengthPenalty the exponent of the length
 * @param earlyStopping when a search ends before all its hypotheses do
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

package io.fundamentallm.samplers;

import io.fundamentallm.decoding.History;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import java.util.function.Predicate;

/**
 * At some places only certain tokens can be chosen, each with the score 0, regardless of the model
 * and earlier stages; a single one is certain before the model runs.
 */
final class ForcedTokens implements LogitsProcessor {
  private final Predicate<History> places;
  private final int[] tokens;
  private final float[] row;

  ForcedTokens(Predicate<History> places, int[] tokens, int vocabularySize) {
    this.places = places;
    this.tokens = tokens;
    this.row = new float[vocabularySize];
  }

  @Override
  public int forced(Step step) {
    return tokens.length == 1 && places.test(step.history()) ? tokens[0] : Sampler.NOT_FORCED;
  }

  @Override
  public void process(Step step) {
    if (places.test(step.history())) {
      Logits logits = step.logits();
      java.util.Arrays.fill(row, Float.NEGATIVE_INFINITY);
      for (int token : tokens) {
        row[token] = 0;
      }
      boolean keepsBest = logits.fallback().isPresent();
      logits.reset(row, step.position());
      if (keepsBest) {
        logits.keepBest(); // of the forced ones
      }
    }
  }
}

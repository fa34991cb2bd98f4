package io.fundamentallm.samplers;

import io.fundamentallm.History;
import io.fundamentallm.Logits;
import io.fundamentallm.LogitsProcessor;
import io.fundamentallm.Step;
import java.util.function.Predicate;

/**
 * At some places only certain tokens can be chosen, each with the score 0, whatever the model or
 * earlier stages say; a single one is certain before the model is asked.
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
    return tokens.length == 1 && places.test(step.history()) ? tokens[0] : -1;
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
        logits.keepBest(); // of those that are forced
      }
    }
  }
}

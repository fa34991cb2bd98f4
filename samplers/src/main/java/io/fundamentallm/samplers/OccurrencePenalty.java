package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.decoding.LogitsProcessor;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.spi.Range;

/** The rule of {@link FrequencyPenalty} and of {@link PresencePenalty}. */
final class OccurrencePenalty implements LogitsProcessor {
  static final Range ANY =
      new Range(Double.NEGATIVE_INFINITY, false, Double.POSITIVE_INFINITY, false);

  private final float penalty;
  private final boolean perOccurrence;
  private final Occurrences occurrences;

  /**
   * A penalty of one generation.
   *
   * @param perOccurrence whether it counts as often as the token occurs, rather than once
   */
  OccurrencePenalty(double penalty, boolean perOccurrence, Occurrences.Window window) {
    this.penalty = (float) penalty;
    this.perOccurrence = perOccurrence;
    this.occurrences = new Occurrences(window);
  }

  @Override
  public void process(Step step) {
    Logits logits = step.logits();
    occurrences.of(step);
    for (int i = 0; i < occurrences.size(); i++) {
      int index = logits.indexOf(occurrences.token(i));
      if (index >= 0) {
        int times = perOccurrence ? occurrences.count(i) : 1;
        logits.setScore(index, logits.score(index) - penalty * times);
      }
    }
  }
}

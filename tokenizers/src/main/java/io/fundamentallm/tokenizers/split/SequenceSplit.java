package io.fundamentallm.tokenizers.split;

import java.util.List;

/** One after the other. */
final class SequenceSplit implements PreTokenizer {
  private final PreTokenizer[] steps;

  SequenceSplit(List<PreTokenizer> steps) {
    this.steps = steps.toArray(PreTokenizer[]::new);
  }

  @Override
  public void split(PreTokenizedText text) {
    for (PreTokenizer step : steps) {
      step.split(text);
    }
  }
}

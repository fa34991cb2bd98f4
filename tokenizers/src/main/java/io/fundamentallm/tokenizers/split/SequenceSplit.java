package io.fundamentallm.tokenizers.split;

import java.util.List;

/** One after the other. */
public final class SequenceSplit implements PreTokenizer {
  private final PreTokenizer[] steps;

  public SequenceSplit(List<PreTokenizer> steps) {
    this.steps = steps.toArray(PreTokenizer[]::new);
  }

  @Override
  public void split(PreTokenizedText text) {
    for (PreTokenizer step : steps) {
      step.split(text);
    }
  }

  /** The first step cuts there, and the others look at its pieces one by one. */
  @Override
  public boolean cuttable() {
    return steps.length > 0 && steps[0].cuttable();
  }
}

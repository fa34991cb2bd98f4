package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.TrainingObjective;

/**
 * What a training minimises. Immutable.
 *
 * @param terms what the plan asks for
 */
record Objective(TrainingObjective terms) {

  /** A target that never counts, as in PyTorch and Hugging Face. */
  static final int IGNORE_INDEX = -100;

  static final Objective MAXIMUM_LIKELIHOOD = new Objective(TrainingObjective.MAXIMUM_LIKELIHOOD);

  /** Whether a target has a loss. */
  boolean counts(int target) {
    return target != IGNORE_INDEX && target != terms.ignoreIndex();
  }

  /** How many targets have a loss. */
  int count(int[] targets) {
    int count = 0;
    for (int target : targets) {
      count += counts(target) ? 1 : 0;
    }
    return count;
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;

/** Refuses batches that do not fit a model or its loss. */
record BatchCheck(TrainableConfig config, Objective objective, Criterion criterion) {

  void require(Batch batch) {
    require(batch.inputs(), batch.targets(), batch.size(), batch.steps());
    if (criterion.comparesPairs() && batch.examples().length == 0) {
      throw new IllegalArgumentException("the loss compares pairs, and the batch has none");
    }
  }

  /** Checks a batch and counts the targets that have a loss. */
  int require(int[] inputs, int[] targets, int batch, int steps) {
    if (batch < 1) {
      throw new IllegalArgumentException("batch must be 1 or more, not " + batch);
    }
    if (steps < 1 || steps > config.contextLength()) {
      throw new IllegalArgumentException(
          "steps must be from 1 to the context length "
              + config.contextLength()
              + ", not "
              + steps);
    }
    long rows = (long) batch * steps;
    if (inputs.length != rows || targets.length != rows) {
      throw new IllegalArgumentException(
          String.format(
              "inputs and targets must have %d × %d = %d elements, not %d and %d",
              batch, steps, rows, inputs.length, targets.length));
    }
    for (int i = 0; i < inputs.length; i++) {
      requireToken("inputs", i, inputs[i]);
      if (objective.counts(targets[i])) {
        requireToken("targets", i, targets[i]);
      }
    }
    return objective.count(targets);
  }

  private void requireToken(String name, int i, int token) {
    if (token < 0 || token >= config.vocabularySize()) {
      throw new IllegalArgumentException(
          String.format(
              "%s[%d] is %d, but token ids are from 0 to %d",
              name, i, token, config.vocabularySize() - 1));
    }
  }
}

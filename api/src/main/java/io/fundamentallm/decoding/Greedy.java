package io.fundamentallm.decoding;

import java.util.Optional;

/** Takes the best token; of equal ones, the one with the lowest id. */
final class Greedy implements Sampler {
  @Override
  public int sample(Step step) {
    return step.logits().token(step.logits().maximumIndex());
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    return Optional.of(Distribution.certain(sample(step)));
  }
}

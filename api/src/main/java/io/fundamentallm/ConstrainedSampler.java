package io.fundamentallm;

import java.util.Optional;

/** A constraint before the stages of a sampler. */
final class ConstrainedSampler implements Sampler, Stateful {
  private final TokenConstraint constraint;
  private final Sampler sampler;

  ConstrainedSampler(TokenConstraint constraint, Sampler sampler) {
    this.constraint = constraint;
    this.sampler = sampler;
  }

  @Override
  public int forced(Step step) {
    int forced = constraint.forced();
    return forced >= 0 ? forced : sampler.forced(step);
  }

  @Override
  public int sample(Step step) {
    int forced = constraint.forced();
    if (forced >= 0) {
      return forced;
    }
    step.logits().retainMask(constraint.mask());
    return sampler.sample(step);
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    int forced = constraint.forced();
    if (forced >= 0) {
      return Optional.of(Distribution.certain(forced));
    }
    step.logits().retainMask(constraint.mask());
    return sampler.distribution(step);
  }

  @Override
  public void process(Step step) {
    step.logits().retainMask(constraint.mask());
    sampler.process(step);
  }

  @Override
  public void accept(int token) {
    constraint.accept(token);
    sampler.accept(token);
  }

  @Override
  public ConstrainedSampler fork() {
    return new ConstrainedSampler(
        constraint.fork(),
        sampler instanceof Stateful stateful ? (Sampler) stateful.fork() : sampler);
  }

  @Override
  public void rollback(int tokens) {
    constraint.rollback(tokens);
    if (sampler instanceof Stateful stateful) {
      stateful.rollback(tokens);
    }
  }
}

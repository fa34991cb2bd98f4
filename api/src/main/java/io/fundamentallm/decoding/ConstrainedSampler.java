package io.fundamentallm.decoding;

import io.fundamentallm.model.Stateful;
import java.util.Optional;

/** A constraint before a sampler. */
final class ConstrainedSampler implements Sampler, Stateful {
  private final ConstraintProcessor constraint;
  private final Sampler sampler;

  ConstrainedSampler(TokenConstraint constraint, Sampler sampler) {
    this(new ConstraintProcessor(constraint), sampler);
  }

  private ConstrainedSampler(ConstraintProcessor constraint, Sampler sampler) {
    this.constraint = constraint;
    this.sampler = sampler;
  }

  @Override
  public int forced(Step step) {
    int token = constraint.forced(step);
    return token != NOT_FORCED ? token : sampler.forced(step);
  }

  @Override
  public int sample(Step step) {
    int token = forced(step);
    if (token != NOT_FORCED) {
      return token;
    }
    filter(step);
    return sampler.sample(step);
  }

  @Override
  public Optional<Distribution> distribution(Step step) {
    int token = forced(step);
    if (token != NOT_FORCED) {
      return Optional.of(Distribution.certain(token));
    }
    filter(step);
    return sampler.distribution(step);
  }

  @Override
  public void process(Step step) {
    filter(step);
    sampler.process(step);
  }

  private void filter(Step step) {
    if (!step.isTracing()) {
      constraint.process(step);
    } else {
      Distribution before = Distribution.softmax(step.logits());
      constraint.process(step);
      step.trace(new StageTrace("constraint", before, Distribution.softmax(step.logits())));
    }
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

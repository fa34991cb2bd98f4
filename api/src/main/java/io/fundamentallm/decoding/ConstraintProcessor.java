package io.fundamentallm.decoding;

import io.fundamentallm.model.Stateful;

/** A constraint as a stage: filters what it does not allow. */
final class ConstraintProcessor implements LogitsProcessor, Stateful {
  private final TokenConstraint constraint;

  ConstraintProcessor(TokenConstraint constraint) {
    this.constraint = constraint;
  }

  @Override
  public void process(Step step) {
    step.logits().retainMask(constraint.mask());
  }

  @Override
  public int forced(Step step) {
    return constraint.forced();
  }

  @Override
  public void accept(int token) {
    constraint.accept(token);
  }

  @Override
  public ConstraintProcessor fork() {
    return new ConstraintProcessor(constraint.fork());
  }

  @Override
  public void rollback(int tokens) {
    constraint.rollback(tokens);
  }
}

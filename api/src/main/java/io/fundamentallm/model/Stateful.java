package io.fundamentallm.model;

/**
 * A part that keeps state between tokens. Parts are pure functions of their input if possible;
 * those that can't be implement this, so that they fork and roll back together with their sequence.
 * One thread at a time.
 */
public interface Stateful {
  /** An independent copy in the same state; implementations return their own type. */
  Stateful fork();

  /**
   * Goes back to the state before the last tokens, as if they had never been accepted.
   *
   * @param tokens how many, at least 0 and at most as many as were accepted since creation
   * @throws IllegalArgumentException outside that range
   */
  void rollback(int tokens);
}

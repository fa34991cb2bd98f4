package io.fundamentallm.model;

/**
 * A part that remembers something between tokens. Parts are pure functions of what they are given
 * wherever they can be; what can't implements this, so that it forks and rolls back together with
 * the sequence it belongs to. One thread at a time.
 */
public interface Stateful {
  /** An independent copy in the same state; implementations return their own type. */
  Stateful fork();

  /**
   * Goes back to the state before the last tokens, as if they had never been.
   *
   * @param tokens how many, at least 0 and at most as many as were accepted since creation
   * @throws IllegalArgumentException outside that range
   */
  void rollback(int tokens);
}

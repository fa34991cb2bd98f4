package io.fundamentallm;

import java.util.Arrays;

/** A state of 64 bits after each token, so that going back restores it. */
final class LongHistory {
  private final long initial;
  private long[] states;
  private int length;

  LongHistory(long initial) {
    this(initial, new long[16], 0);
  }

  private LongHistory(long initial, long[] states, int length) {
    this.initial = initial;
    this.states = states;
    this.length = length;
  }

  /** How many tokens there were. */
  int length() {
    return length;
  }

  /** The state now. */
  long last() {
    return length == 0 ? initial : states[length - 1];
  }

  void add(long state) {
    if (length == states.length) {
      states = Arrays.copyOf(states, length * 2);
    }
    states[length++] = state;
  }

  void rollback(int tokens) {
    checkRollback(tokens, length);
    length -= tokens;
  }

  LongHistory fork() {
    return new LongHistory(initial, states.clone(), length);
  }

  /** What {@link Stateful#rollback} promises to refuse. */
  static void checkRollback(int tokens, int accepted) {
    if (tokens < 0 || tokens > accepted) {
      throw new IllegalArgumentException(
          "cannot roll back " + tokens + " of " + accepted + " tokens");
    }
  }
}

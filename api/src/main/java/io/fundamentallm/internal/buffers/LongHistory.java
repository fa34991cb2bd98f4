package io.fundamentallm.internal.buffers;

import java.util.Arrays;

/** A state of 64 bits after each token, so that going back restores it. */
public final class LongHistory {
  private final long initial;
  private long[] states;
  private int length;

  public LongHistory(long initial) {
    this(initial, new long[16], 0);
  }

  private LongHistory(long initial, long[] states, int length) {
    this.initial = initial;
    this.states = states;
    this.length = length;
  }

  /** How many tokens there were. */
  public int length() {
    return length;
  }

  /** The state now. */
  public long last() {
    return length == 0 ? initial : states[length - 1];
  }

  public void add(long state) {
    if (length == states.length) {
      states = Arrays.copyOf(states, length * 2);
    }
    states[length++] = state;
  }

  public void rollback(int tokens) {
    checkRollback(tokens, length);
    length -= tokens;
  }

  public LongHistory fork() {
    return new LongHistory(initial, states.clone(), length);
  }

  /** Refuses what {@link io.fundamentallm.model.Stateful#rollback} promises to refuse. */
  public static void checkRollback(int tokens, int accepted) {
    if (tokens < 0 || tokens > accepted) {
      throw new IllegalArgumentException(
          "cannot roll back " + tokens + " of " + accepted + " tokens");
    }
  }
}

package io.fundamentallm.samplers.constraint.automaton;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * All ways to read the text so far: for each the node that reads the next byte, and how it was
 * called. What is known about it is kept here, written and read under the lock of its {@link
 * TokenAutomaton}; only the mask is read without it.
 */
public final class State {
  private static final int[] NONE = {};
  private static final long[] NEVER = {};

  /**
   * [readings] nodes that read, ascending; {@link Program#ACCEPT} first if the text may end here.
   */
  final int[] nodes;

  /** [readings] */
  final Frame[] frames;

  /** Whether the stack was left below the {@link Frames#horizon}: more may follow than is known. */
  final boolean seesHorizon;

  private final int hash;

  /** [classes] what follows a byte; null if not asked yet. */
  @Nullable State @Nullable [] next;

  /** [classes] the steps to compute {@link #next}; meaningless where that is null. */
  int[] steps = NONE;

  /** [classes] when {@link Machine} counted that last. */
  long[] counted = NEVER;

  /** The tokens that may come next; null if not asked yet. */
  volatile long @Nullable [] mask;

  /** Whether {@link #forced} was computed. */
  boolean forcedKnown;

  /** The token that is certain, or -1. */
  int forced = -1;

  State(int[] nodes, Frame[] frames, boolean seesHorizon) {
    this.nodes = nodes;
    this.frames = frames;
    this.seesHorizon = seesHorizon;
    int hash = Arrays.hashCode(nodes);
    for (Frame frame : frames) {
      hash = 31 * hash + frame.number();
    }
    this.hash = hash;
  }

  /** Whether the text may end here. */
  public boolean accepts() {
    return nodes.length > 0 && nodes[0] == Program.ACCEPT;
  }

  /** Whether something can follow. */
  boolean continues() {
    return nodes.length > (accepts() ? 1 : 0);
  }

  @Override
  public int hashCode() {
    return hash;
  }

  @Override
  public boolean equals(@Nullable Object other) {
    if (!(other instanceof State state)
        || hash != state.hash
        || !Arrays.equals(nodes, state.nodes)) {
      return false;
    }
    for (int i = 0; i < frames.length; i++) {
      if (frames[i] != state.frames[i]) {
        return false;
      }
    }
    return true;
  }
}

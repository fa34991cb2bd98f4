package io.fundamentallm.samplers.constraint.automaton;

import org.jspecify.annotations.Nullable;

/**
 * A node of the graph-structured stack: all the ways in which what runs now was called. Stacks with
 * a common part share it, and one that ends in several ways is continued in all of them at once
 * (Tomita: "Efficient Parsing for Natural Language", 1986; Scott, Johnstone: "GLL Parsing", 2010).
 */
sealed interface Stack permits Frame, OpenFrame {
  /**
   * One way to have been called.
   *
   * @param caller the node that called, a {@link Program.Call} or a {@link Program.Count}; {@link
   *     Program#RETURN} if it has nothing left to do but return
   * @param runs runs of a counted part so far, this one not included; 0 for a call
   * @param parent how the caller itself was called
   */
  record Link(int caller, int runs, Stack parent) {
    @Override
    public int hashCode() {
      return (31 * caller + runs) * 31 + parent.number();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Link link
          && caller == link.caller
          && runs == link.runs
          && parent == link.parent;
    }
  }

  /** Distinguishes frames well enough for a hash. */
  int number();
}

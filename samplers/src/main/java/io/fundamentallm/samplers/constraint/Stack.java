package io.fundamentallm.samplers.constraint;

/**
 * A node of the graph-structured stack: all the ways in which what runs now was called. Stacks that
 * have a part in common share it, and one that ends in several ways is continued in all of them at
 * once (Tomita: "Efficient Parsing for Natural Language", 1986; Scott, Johnstone: "GLL Parsing",
 * 2010).
 */
sealed interface Stack permits Frame, OpenFrame {
  /**
   * One way to have been called.
   *
   * @param caller the node that called, a {@link Program.Call} or a {@link Program.Count}; {@link
   *     Program#RETURN} where it has nothing left to do but to return itself
   * @param runs runs of a counted part so far, this one not included; 0 for a call
   * @param parent how the caller itself was called
   */
  record Link(int caller, int runs, Stack parent) {}
}

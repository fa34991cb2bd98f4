package io.fundamentallm.samplers.constraint;

import org.jspecify.annotations.Nullable;

/**
 * Where a rule returns to, how often it ran, and the same for what called that. Frames that say the
 * same are one object, so that identity is equality. Immutable.
 */
final class Frame {
  /** The node that called: a {@link Program.Call} or a {@link Program.Count}. */
  final int caller;

  /** Runs of a counted part so far, this one not included; 0 for a call. */
  final int runs;

  final @Nullable Frame parent;

  final int depth;

  /** Tells frames apart in the order of their making. */
  final int id;

  /** The frame that no token can tell from this one; often itself. */
  final Frame blurred;

  Frame(int caller, int runs, @Nullable Frame parent, int id, @Nullable Frame blurred) {
    this.caller = caller;
    this.runs = runs;
    this.parent = parent;
    this.depth = parent == null ? 0 : parent.depth + 1;
    this.id = id;
    this.blurred = blurred == null ? this : blurred;
  }

  /**
   * What makes two frames one.
   *
   * @param parent the id, or -1
   */
  record Key(int caller, int runs, int parent) {}

  static Key key(int caller, int runs, @Nullable Frame parent) {
    return new Key(caller, runs, parent == null ? -1 : parent.id);
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import java.util.OptionalInt;

/** What each token of a batch sees: its own document up to itself, and no padding. Immutable. */
final class AttentionMask {
  private final int steps;
  private final int[] begins; // [B·T], positions in the window
  private final boolean[] padding; // [B·T], or empty where there is none
  private final int longest;

  private AttentionMask(int steps, int[] begins, boolean[] padding) {
    this.steps = steps;
    this.begins = begins;
    this.padding = padding;
    int most = 0;
    for (int row = 0; row < begins.length; row++) {
      most = Math.max(most, row % steps - begins[row] + 1);
    }
    longest = most;
  }

  /** Windows that are one document each, with padding in them. */
  static AttentionMask padded(int[] inputs, int steps, int pad) {
    return new AttentionMask(steps, new int[inputs.length], padding(inputs, pad));
  }

  /**
   * Examples that begin where the batch says.
   *
   * @param pad the token of padding; may be none
   */
  static AttentionMask examples(Batch batch, int pad) {
    return new AttentionMask(batch.steps(), batch.begins(), padding(batch.inputs(), pad));
  }

  /**
   * Documents that begin at each begin token; or if there is no such token, after each end token
   * and the padding after it. The start of a window always begins one.
   *
   * @param inputs [B·T]
   * @param steps T
   * @param pad the token of padding; may be none
   */
  static AttentionMask of(int[] inputs, int steps, OptionalInt begin, OptionalInt end, int pad) {
    int[] begins = new int[inputs.length];
    for (int row = 1; row < inputs.length; row++) {
      int position = row % steps;
      boolean begun =
          begin.isPresent()
              ? inputs[row] == begin.getAsInt()
              : inputs[row - 1] == end.orElse(-1)
                  || (inputs[row - 1] == pad && position - 1 == begins[row - 1]);
      begins[row] = position == 0 ? 0 : begun ? position : begins[row - 1];
    }
    return new AttentionMask(steps, begins, padding(inputs, pad));
  }

  private static boolean[] padding(int[] inputs, int pad) {
    boolean[] padding = new boolean[inputs.length];
    boolean any = false;
    for (int i = 0; i < inputs.length; i++) {
      padding[i] = inputs[i] == pad;
      any |= padding[i];
    }
    return any ? padding : new boolean[0];
  }

  /** The position in its window at which the document of a row begins. */
  int begin(int row) {
    return begins[row];
  }

  /** How many positions the longest document has. */
  int longest() {
    return longest;
  }

  /**
   * Hides padding from a row: the scores become minus infinity. A row always sees itself.
   *
   * @param from the first position that the row sees, {@link #begin} or a later one
   * @param scores of the positions from there on
   */
  void hidePadding(int row, int from, float[] scores, int at) {
    if (padding.length > 0) {
      int first = row - row % steps + from;
      for (int key = first; key < row; key++) {
        if (padding[key]) {
          scores[at + key - first] = Float.NEGATIVE_INFINITY;
        }
      }
    }
  }
}

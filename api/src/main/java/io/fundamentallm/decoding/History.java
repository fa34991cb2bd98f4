package io.fundamentallm.decoding;

/**
 * The tokens before the one being chosen: the prompt, then what was generated. Read-only to stages;
 * valid only during the call it is passed to. Positions that a {@link ContextPolicy} dropped from
 * the model's context stay in the history.
 */
public interface History {
  /** All tokens, prompt included. */
  int length();

  /** How many of the first tokens are the prompt. */
  int promptLength();

  /**
   * The token at a position.
   *
   * @param index in {@code [0, length())}
   * @throws IndexOutOfBoundsException outside that range
   */
  int token(int index);

  /** How many tokens were generated. */
  default int generated() {
    return length() - promptLength();
  }

  /** A copy of the tokens in {@code [from, to)}. */
  default int[] tokens(int from, int to) {
    java.util.Objects.checkFromToIndex(from, to, length());
    int[] copy = new int[to - from];
    for (int i = 0; i < copy.length; i++) {
      copy[i] = token(from + i);
    }
    return copy;
  }
}

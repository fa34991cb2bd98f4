package io.fundamentallm.tokenizers.text;

/** Finds a pattern in UTF-8. Stateless and thread-safe. */
@FunctionalInterface
public interface ByteMatcher {
  /**
   * The leftmost match that begins at or after an index; it may be empty.
   *
   * @param from on the border of a character
   * @param to where the text ends
   * @param match receives where the match begins and ends, on borders of characters
   * @return whether there is one
   */
  boolean find(byte[] text, int from, int to, int[] match);
}

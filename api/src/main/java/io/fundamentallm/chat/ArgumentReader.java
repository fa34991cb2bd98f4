package io.fundamentallm.chat;

/** Reads the arguments of one call as the model writes them, and gives them as JSON. */
interface ArgumentReader {
  /**
   * Takes a character.
   *
   * @param kind as in {@link io.fundamentallm.internal.chat.Marker}
   * @param out receives the JSON that became certain
   * @return whether this character completed the arguments
   */
  boolean append(char c, char kind, StringBuilder out);
}

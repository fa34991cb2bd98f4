package io.fundamentallm.chat;

/** Reads one call. */
interface CallReader {
  /**
   * Takes a character.
   *
   * @param kind as in {@link io.fundamentallm.internal.chat.Marker}
   * @return whether it completed the call
   */
  boolean append(char c, char kind);
}

package io.fundamentallm.samplers.constraint.automaton;

import org.jspecify.annotations.Nullable;

/** The names that open objects have, after some bytes of a text with JSON in it. Immutable. */
public interface TextNames {
  /** After one more byte; null if an object would have a name twice. */
  @Nullable TextNames after(int value);

  /** The least number of quotes in bytes by which an object could get a name twice. */
  int quotesToRepeat();

  /** After more bytes; null if an object would have a name twice. */
  default @Nullable TextNames after(byte[] bytes) {
    TextNames names = this;
    for (int i = 0; i < bytes.length && names != null; i++) {
      names = names.after(bytes[i] & 0xFF);
    }
    return names;
  }
}

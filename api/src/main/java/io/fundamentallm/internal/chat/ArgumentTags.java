package io.fundamentallm.internal.chat;

/**
 * What is around the name and the value of an argument, in this order. White space may stand
 * between arguments, between name and value, and around a value that is JSON.
 *
 * @param name before the name
 * @param text behind the name if the value is a text
 * @param json behind the name if it is anything else; the same as for a text unless the model
 *     writes down which of both it is
 * @param value before the value; empty if nothing more is between it and the name
 * @param line on both sides of a text, and no part of it; may be empty
 * @param end behind the value
 */
public record ArgumentTags(
    String name, String text, String json, String value, String line, String end) {
  static final ArgumentTags NONE = new ArgumentTags("", "", "", "", "", "");

  /** Whether the tags say if a value is a text; if not, the schema of the tool does. */
  public boolean sayWhatIsText() {
    return !text.equals(json);
  }
}

package io.fundamentallm.internal.json;

/**
 * What a message shows of a text that may be long. A character that UTF-16 writes as two is never
 * cut in the middle: half of one can't be encoded, and whoever writes the message out would put a
 * question mark there, or fail.
 */
public final class Excerpt {
  private Excerpt() {}

  /**
   * The text, or where it is longer its beginning and an ellipsis.
   *
   * @param most how many of its chars are shown, one less where it would be half a character
   */
  public static String of(String text, int most) {
    return text.length() <= most ? text : text.substring(0, whole(text, most)) + "…";
  }

  /**
   * The text, or where it is longer its beginning and its end, with an ellipsis between.
   *
   * @param most how many of its chars are shown, one or two less where they would be half a
   *     character
   */
  public static String ofEnds(String text, int most) {
    if (text.length() <= most) {
      return text;
    }
    int end = text.length() - most / 2;
    return text.substring(0, whole(text, most / 2))
        + "…"
        + text.substring(whole(text, end) == end ? end : end + 1);
  }

  /** The character that begins at an index, or of which one half stands there. */
  public static String character(String text, int index) {
    return Character.toString(text.codePointAt(whole(text, index)));
  }

  /** The index, or the one before if a character begins there and goes on at this one. */
  private static int whole(String text, int index) {
    return index > 0
            && index < text.length()
            && Character.isSurrogatePair(text.charAt(index - 1), text.charAt(index))
        ? index - 1
        : index;
  }
}

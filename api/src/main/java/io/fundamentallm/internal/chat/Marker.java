package io.fundamentallm.internal.chat;

import java.util.function.Predicate;

/**
 * A marker as a model writes it: some of its characters belong to special tokens, and the others
 * are text. Look-alikes of special tokens in text are no markers. Immutable.
 *
 * @param text its characters
 * @param kinds for each character {@link #TEXT}, {@link #SPECIAL_BEGIN} or {@link #SPECIAL}
 */
public record Marker(String text, String kinds) {
  /** A character of text. */
  public static final char TEXT = 't';

  /** The first character of a special token. */
  public static final char SPECIAL_BEGIN = 'b';

  /** Any other character of a special token. */
  public static final char SPECIAL = 's';

  /**
   * Finds the special tokens in a marker, the longest first.
   *
   * @param isSpecial whether a text is the written form of a special token
   */
  public static Marker of(String text, Predicate<String> isSpecial) {
    StringBuilder kinds = new StringBuilder();
    while (kinds.length() < text.length()) {
      int begin = kinds.length();
      int end = text.length();
      while (end > begin && !isSpecial.test(text.substring(begin, end))) {
        end--;
      }
      kinds.append(end > begin ? ofSpecial(end - begin) : TEXT);
    }
    return new Marker(text, kinds.toString());
  }

  /** The kinds of a special token's characters. */
  public static String ofSpecial(int length) {
    return SPECIAL_BEGIN + String.valueOf(SPECIAL).repeat(length - 1);
  }

  /** How many characters it has. */
  public int length() {
    return text.length();
  }

  /** Whether a text begins with the marker, or the marker with the text. */
  public boolean agrees(CharSequence other, CharSequence otherKinds) {
    for (int i = 0; i < Math.min(other.length(), text.length()); i++) {
      if (other.charAt(i) != text.charAt(i) || otherKinds.charAt(i) != kinds.charAt(i)) {
        return false;
      }
    }
    return true;
  }
}

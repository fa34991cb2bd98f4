package io.fundamentallm.evaluation;

import java.util.Locale;

/**
 * Functions of Python's {@code str} that differ from Java's namesakes. The harness's figures depend
 * on them.
 */
final class PythonText {
  private PythonText() {}

  /** {@code str.isspace} for one character; also what {@code \s} matches. */
  static boolean isSpace(char c) {
    return (c >= '\t' && c <= '\r')
        || (c >= '\u001C' && c <= ' ')
        || c == '\u0085'
        || c == '\u00A0'
        || c == '\u1680'
        || (c >= '\u2000' && c <= '\u200A')
        || c == '\u2028'
        || c == '\u2029'
        || c == '\u202F'
        || c == '\u205F'
        || c == '\u3000';
  }

  /** The length of {@code text.rstrip()}. */
  static int lengthWithoutTrailingSpace(String text) {
    int end = text.length();
    while (end > 0 && isSpace(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }

  /** {@code text.lstrip()}. */
  static String stripLeading(String text) {
    int start = 0;
    while (start < text.length() && isSpace(text.charAt(start))) {
      start++;
    }
    return text.substring(start);
  }

  /** {@code text.strip()}. */
  static String strip(String text) {
    return stripLeading(text.substring(0, lengthWithoutTrailingSpace(text)));
  }

  /** {@code text.capitalize()}: the first letter in title case, all others in lower case. */
  static String capitalize(String text) {
    if (text.isEmpty()) {
      return text;
    }
    int first = text.codePointAt(0);
    String alone = Character.toString(first);
    String upper = alone.toUpperCase(Locale.ROOT);
    int title = Character.toTitleCase(first);
    // a ligature or sharp s becomes two letters, of which only one is a capital
    String capital =
        title == first && upper.codePointCount(0, upper.length()) > 1
            ? upper.charAt(0) + upper.substring(1).toLowerCase(Locale.ROOT)
            : Character.toString(title);
    // lowered with its first letter, which decides the form of a sigma after it
    String lower = text.toLowerCase(Locale.ROOT);
    return capital + lower.substring(alone.toLowerCase(Locale.ROOT).length());
  }

  /** {@code len(re.split(r"\s+", text))}. */
  static long words(String text) {
    long words = 1;
    for (int i = 0; i < text.length(); i++) {
      if (isSpace(text.charAt(i)) && (i == 0 || !isSpace(text.charAt(i - 1)))) {
        words++;
      }
    }
    return words;
  }

  /** {@code len(text.encode("utf-8"))}. */
  static long bytes(String text) {
    return text.codePoints()
        .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
        .sum();
  }
}

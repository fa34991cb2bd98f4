package io.fundamentallm.tokenizers.chat.value;

/** Escapes in string literals, as Python's codec {@code unicode-escape} reads them. */
public final class StringEscapes {
  private StringEscapes() {}

  public static String decode(String literal, int line) {
    if (literal.indexOf('\\') < 0) {
      return literal;
    }
    StringBuilder text = new StringBuilder();
    for (int i = 0; i < literal.length(); ) {
      char c = literal.charAt(i);
      if (c != '\\') {
        text.append(c);
        i++;
        continue;
      }
      char escape = literal.charAt(i + 1);
      int plain = "\\'\"abfnrtv".indexOf(escape);
      if (plain >= 0) {
        text.append("\\'\"\u0007\b\f\n\r\t\u000B".charAt(plain));
        i += 2;
      } else if (escape == '\n') {
        i += 2;
      } else if (escape >= '0' && escape <= '7') {
        int end = i + 2;
        while (end < Math.min(i + 4, literal.length()) && isOctal(literal.charAt(end))) {
          end++;
        }
        text.append((char) Integer.parseInt(literal.substring(i + 1, end), 8));
        i = end;
      } else if (escape == 'x' || escape == 'u' || escape == 'U') {
        int end = i + 2 + (escape == 'x' ? 2 : escape == 'u' ? 4 : 8);
        text.appendCodePoint(codePoint(literal, i, end, line));
        i = end;
      } else {
        // an escape that Python does not know stays as it is
        text.append(c);
        i++;
      }
    }
    return text.toString();
  }

  private static boolean isOctal(char c) {
    return c >= '0' && c <= '7';
  }

  private static int codePoint(String literal, int from, int to, int line) {
    if (to <= literal.length()) {
      int codePoint = 0;
      int i = from + 2;
      while (i < to && codePoint >= 0 && codePoint <= Character.MAX_CODE_POINT) {
        int digit = literal.charAt(i) < 0x80 ? Character.digit(literal.charAt(i), 16) : -1;
        codePoint = digit < 0 ? -1 : codePoint << 4 | digit;
        i++;
      }
      if (codePoint >= 0 && codePoint <= Character.MAX_CODE_POINT) {
        return codePoint;
      }
    }
    throw TemplateException.at(line, "a broken escape in a string");
  }
}

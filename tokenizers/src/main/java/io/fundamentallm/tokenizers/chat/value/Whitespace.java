package io.fundamentallm.tokenizers.chat.value;

/** What Python's {@code str.isspace} and {@code \s} treat as white space. */
public final class Whitespace {
  private Whitespace() {}

  public static boolean is(char c) {
    return (c >= '\t' && c <= '\r')
        || (c >= 0x1C && c <= 0x20)
        || c == 0x85
        || c == 0xA0
        || c == 0x1680
        || (c >= 0x2000 && c <= 0x200A)
        || c == 0x2028
        || c == 0x2029
        || c == 0x202F
        || c == 0x205F
        || c == 0x3000;
  }

  /** The first place from here on that is not white space. */
  public static int skip(String text, int from) {
    int at = from;
    while (at < text.length() && is(text.charAt(at))) {
      at++;
    }
    return at;
  }

  /** The end of the text before this place, without its trailing white space. */
  public static int trimEnd(String text, int from, int to) {
    int end = to;
    while (end > from && is(text.charAt(end - 1))) {
      end--;
    }
    return end;
  }
}

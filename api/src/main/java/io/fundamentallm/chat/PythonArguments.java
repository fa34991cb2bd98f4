package io.fundamentallm.chat;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Map;

/** Keyword arguments of Python from one parenthesis to the other, as a JSON object. */
final class PythonArguments implements ArgumentReader {
  private static final Map<String, String> WORDS =
      Map.of("True", "true", "False", "false", "None", "null");

  private final Deque<Character> open = new ArrayDeque<>();
  private final StringBuilder word = new StringBuilder();
  private char quote;
  private boolean escaped;
  private int hex;

  @Override
  public boolean append(char c, char kind, StringBuilder out) {
    if (quote != 0) {
      inString(c, out);
      return false;
    }
    if (Character.isLetterOrDigit(c) || c == '_' || c == '.' || c == '-' || c == '+') {
      word.append(c);
      return false;
    }
    if (Character.isWhitespace(c)) {
      return false; // a keyword's = may come after it
    }
    if (c == '=' && open.size() == 1) {
      out.append('"').append(word).append("\": ");
      word.setLength(0);
      return false;
    }
    out.append(WORDS.getOrDefault(word.toString(), word.toString()));
    word.setLength(0);
    switch (c) {
      case '"', '\'' -> {
        quote = c;
        out.append('"');
      }
      case '(', '{', '[' -> {
        open.push(c);
        out.append(c == '(' ? '{' : c);
      }
      case ')', '}', ']' -> {
        open.pop();
        out.append(c == ')' ? '}' : c);
      }
      case ',', ':' -> out.append(c).append(' ');
      default -> out.append(c);
    }
    return open.isEmpty();
  }

  private void inString(char c, StringBuilder out) {
    if (hex > 0) { // \xHH is a Unicode escape with fewer digits
      out.append(c);
      hex--;
    } else if (escaped) {
      escaped = false;
      if (c == 'x') {
        out.append("\\u00");
        hex = 2;
      } else if (c == '\'') {
        out.append(c);
      } else {
        out.append('\\').append(c);
      }
    } else if (c == '\\') {
      escaped = true;
    } else if (c == quote) {
      quote = 0;
      out.append('"');
    } else {
      JsonText.append(c, out);
    }
  }
}

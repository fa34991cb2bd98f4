package io.fundamentallm.internal.files;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the one small JSON file that api itself needs, because api has no dependency. Objects
 * become maps, arrays lists, numbers doubles.
 */
public final class Json {
  /** Deeper than any configuration file; keeps hostile ones from overflowing the stack. */
  private static final int DEEPEST = 100;

  private final String text;
  private int at;

  private Json(String text) {
    this.text = text;
  }

  /**
   * Parses an object.
   *
   * @throws IllegalArgumentException that says what was expected at which character
   */
  public static Map<String, @Nullable Object> object(String text) {
    Json json = new Json(text);
    json.skipSpace();
    if (json.at >= text.length() || text.charAt(json.at) != '{') {
      throw json.expected("{");
    }
    Map<String, @Nullable Object> object = json.objectBody(0);
    json.skipSpace();
    if (json.at < text.length()) {
      throw json.expected("the end");
    }
    return object;
  }

  private @Nullable Object value(int depth) {
    if (depth > DEEPEST) {
      throw expected("at most " + DEEPEST + " levels of nesting");
    }
    skipSpace();
    char c = at < text.length() ? text.charAt(at) : 0;
    return switch (c) {
      case '{' -> objectBody(depth);
      case '[' -> arrayBody(depth);
      case '"' -> string();
      case 't' -> literal("true", true);
      case 'f' -> literal("false", false);
      case 'n' -> literal("null", null);
      default -> number();
    };
  }

  private Map<String, @Nullable Object> objectBody(int depth) {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    at++;
    if (take('}')) {
      return object;
    }
    do {
      skipSpace();
      int start = at;
      if (at >= text.length() || text.charAt(at) != '"') {
        throw expected("a key in quotes");
      }
      String key = string();
      if (!take(':')) {
        throw expected("':'");
      }
      if (object.containsKey(key)) {
        at = start;
        throw expected("no second \"" + key + "\"");
      }
      object.put(key, value(depth + 1));
    } while (take(','));
    if (!take('}')) {
      throw expected("',' or '}'");
    }
    return object;
  }

  private List<@Nullable Object> arrayBody(int depth) {
    List<@Nullable Object> array = new ArrayList<>();
    at++;
    if (take(']')) {
      return array;
    }
    do {
      array.add(value(depth + 1));
    } while (take(','));
    if (!take(']')) {
      throw expected("',' or ']'");
    }
    return array;
  }

  private String string() {
    StringBuilder string = new StringBuilder();
    at++;
    while (at < text.length()) {
      char c = text.charAt(at++);
      if (c == '"') {
        return string.toString();
      } else if (c == '\\') {
        string.append(escaped());
      } else {
        string.append(c);
      }
    }
    throw expected("'\"'");
  }

  private char escaped() {
    char c = at < text.length() ? text.charAt(at) : 0;
    at++;
    return switch (c) {
      case '"', '\\', '/' -> c;
      case 'b' -> '\b';
      case 'f' -> '\f';
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case 'u' -> codeUnit();
      default -> {
        at--;
        throw expected("an escape");
      }
    };
  }

  private char codeUnit() {
    int code = 0;
    for (int i = 0; i < 4; i++, at++) {
      int digit = at < text.length() ? Character.digit(text.charAt(at), 16) : -1;
      if (digit < 0) {
        throw expected("four hexadecimal digits");
      }
      code = code * 16 + digit;
    }
    return (char) code;
  }

  private @Nullable Object literal(String word, @Nullable Object value) {
    if (!text.startsWith(word, at)) {
      throw expected(word);
    }
    at += word.length();
    return value;
  }

  private Double number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    try {
      return Double.valueOf(text.substring(start, at));
    } catch (NumberFormatException e) {
      at = start;
      throw expected("a value");
    }
  }

  private boolean take(char c) {
    skipSpace();
    if (at < text.length() && text.charAt(at) == c) {
      at++;
      return true;
    }
    return false;
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private IllegalArgumentException expected(String what) {
    return new IllegalArgumentException("expected " + what + " at character " + at);
  }
}

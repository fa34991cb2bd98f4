package io.fundamentallm.internal.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Parses JSON into a tree: objects become maps, arrays lists, numbers {@link BigDecimal}s. We wrote
 * our own because the api depends on nothing; files too large for a tree are read with Jackson's
 * stream, in the module that needs them.
 */
public final class Json {
  /** Deeper than any configuration file; stops hostile ones from overflowing the stack. */
  private static final int DEEPEST = 100;

  /** As a tree, a few hundred megabytes. */
  private static final int MOST_VALUES = 1 << 22;

  /** Parsing takes time that grows with the square of this. */
  private static final int LONGEST_NUMBER = 1000;

  private static final Pattern NUMBER =
      Pattern.compile("-?(?:0|[1-9][0-9]*)(?:\\.[0-9]+)?(?:[eE][+-]?[0-9]+)?");

  private final String text;
  private int at;
  private int values;

  Json(String text) {
    this.text = text;
  }

  /**
   * Parses an object.
   *
   * @throws IllegalArgumentException that says what was expected at which character
   */
  public static Map<String, @Nullable Object> object(String text) {
    Json json = new Json(text);
    try {
      return json.object();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + " at character " + json.at(), e);
    }
  }

  /** The object that is the whole text; after an exception {@link #at()} is the place. */
  Map<String, @Nullable Object> object() {
    skipSpace();
    if (at >= text.length() || text.charAt(at) != '{') {
      throw expected("{");
    }
    Map<String, @Nullable Object> object = objectBody(0);
    skipSpace();
    if (at < text.length()) {
      throw expected("the end");
    }
    return object;
  }

  /** The index of the next character to read. */
  int at() {
    return Math.min(at, text.length());
  }

  private @Nullable Object value(int depth) {
    if (depth > DEEPEST) {
      throw expected("at most " + DEEPEST + " levels of nesting");
    }
    if (++values > MOST_VALUES) {
      throw expected("at most " + MOST_VALUES + " values");
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

  private BigDecimal number() {
    int start = at;
    while (at < text.length() && "+-.eE0123456789".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
    String number = text.substring(start, at);
    try {
      if (number.length() <= LONGEST_NUMBER && NUMBER.matcher(number).matches()) {
        return new BigDecimal(number);
      }
    } catch (NumberFormatException e) {
      // an exponent out of range, handled below
    }
    at = start;
    throw expected("a value");
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

  private static IllegalArgumentException expected(String what) {
    return new IllegalArgumentException("expected " + what);
  }
}

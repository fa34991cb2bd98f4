package io.fundamentallm.internal.json;

import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Parses JSON into a tree: objects become maps, arrays lists, numbers {@link BigDecimal}s. It is
 * our own because api depends on nothing; files too large for a tree are read with Jackson's
 * stream, in the module that has them.
 */
public final class Json {
  /** Deeper than any configuration file; keeps hostile ones from overflowing the stack. */
  private static final int MAX_DEPTH = 100;

  /** A few hundred megabytes as a tree. */
  private static final int MAX_VALUES = 1 << 22;

  /** Parsing takes time that grows with the square of this. */
  private static final int LONGEST_NUMBER = 1000;

  /** Characters that fit into a long, whichever digits they are. */
  private static final int LONGEST_LONG = 18;

  /** Keys and values in messages are cut here: they may be as long as a file. */
  private static final int LONGEST_SHOWN = 100;

  private final String text;
  private final int maxValues;
  private int at;
  private int values;
  private boolean keeping = true;

  Json(String text, int maxValues) {
    this.text = text;
    this.maxValues = maxValues;
  }

  /**
   * Parses an object.
   *
   * @throws IllegalArgumentException that says what was expected at which character
   */
  public static Map<String, @Nullable Object> object(String text) {
    Json json = new Json(text, MAX_VALUES);
    try {
      return json.object();
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException(e.getMessage() + " at character " + json.at(), e);
    }
  }

  /** A text as it may stand in a message: the beginning of a long one. */
  public static String shown(String text) {
    return Excerpt.of(text, LONGEST_SHOWN);
  }

  /** The object that is the whole text; after an exception {@link #at()} tells the place. */
  Map<String, @Nullable Object> object() {
    Map<String, @Nullable Object> object = objectBody(0);
    requireEnd();
    return object;
  }

  /** Begins an object; false where it has no entries. */
  boolean enter() {
    skipSpace();
    if (!isAt("{")) {
      throw expected("{");
    }
    at++;
    return !take('}');
  }

  /** The value of a key, of as many values as are allowed; only checked where it is not kept. */
  @Nullable Object entry(boolean kept) {
    values = 0;
    keeping = kept;
    return value(1);
  }

  void requireEnd() {
    skipSpace();
    if (at < text.length()) {
      throw expected("the end");
    }
  }

  /** The next character to be read. */
  int at() {
    return Math.min(at, text.length());
  }

  private @Nullable Object value(int depth) {
    if (depth > MAX_DEPTH) {
      throw expected("at most " + MAX_DEPTH + " levels of nesting");
    }
    if (keeping && ++values > maxValues) {
      throw expected("at most " + maxValues + " values");
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
    if (!enter()) {
      return object;
    }
    do {
      String key = key(object.keySet());
      Object value = value(depth + 1);
      if (keeping) {
        object.put(key, value);
      }
    } while (hasNext());
    return object;
  }

  /** The next key, which may be none of those before it. */
  String key(Set<String> before) {
    skipSpace();
    int start = at;
    if (!isAt("\"")) {
      throw expected("a key in quotes");
    }
    String key = string();
    if (!take(':')) {
      throw expected("':'");
    }
    if (before.contains(key)) {
      at = start;
      throw expected("no second \"" + shown(key) + "\"");
    }
    return key;
  }

  /** Whether an object goes on after an entry. */
  boolean hasNext() {
    if (take(',')) {
      return true;
    }
    if (!take('}')) {
      throw expected("',' or '}'");
    }
    return false;
  }

  private List<@Nullable Object> arrayBody(int depth) {
    List<@Nullable Object> array = new ArrayList<>();
    at++;
    if (take(']')) {
      return array;
    }
    do {
      Object value = value(depth + 1);
      if (keeping) {
        array.add(value);
      }
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
    at += isAt("-") ? 1 : 0;
    int first = at;
    boolean valid = digits() && (at - first == 1 || text.charAt(first) != '0');
    boolean integer = !isAt(".eE");
    if (isAt(".")) {
      at++;
      valid &= digits();
    }
    if (isAt("eE")) {
      at++;
      at += isAt("+-") ? 1 : 0;
      valid &= digits();
    }
    valid &= !isAt(".eE+-");
    try {
      if (valid && integer && at - start <= LONGEST_LONG) {
        return BigDecimal.valueOf(Long.parseLong(text, start, at, 10));
      }
      if (valid && at - start <= LONGEST_NUMBER) {
        return new BigDecimal(text.substring(start, at));
      }
    } catch (NumberFormatException e) {
      // an exponent beyond all bounds, answered below
    }
    at = start;
    throw expected("a value");
  }

  private boolean digits() {
    int start = at;
    while (at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
      at++;
    }
    return at > start;
  }

  private boolean isAt(String characters) {
    return at < text.length() && characters.indexOf(text.charAt(at)) >= 0;
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
    while (isAt(" \t\r\n")) {
      at++;
    }
  }

  private static IllegalArgumentException expected(String what) {
    return new IllegalArgumentException("expected " + what);
  }
}

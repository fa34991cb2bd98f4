package io.fundamentallm.chat;

import io.fundamentallm.internal.chat.ArgumentTypes;
import io.fundamentallm.internal.json.Json;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The value of an argument between tags, as JSON. A text is told as it grows. Anything else is told
 * at its end: only then it is certain to be JSON, and it is a text if it is not.
 */
final class TaggedValue {
  /** Templates show Python's words for earlier calls, so models write them too. */
  private static final Map<String, String> WORDS =
      Map.of("True", "true", "False", "false", "None", "null");

  private static final String NULL = "null";

  private final ArgumentTypes.Kind kind;
  private final String line;
  private final Consumer<String> out;
  private final StringBuilder value = new StringBuilder();

  /** Whether it is certain that it is a text, and {@code told} characters of it were told. */
  private boolean text;

  private int told;

  /** Of what may still be {@code null}: its characters that were read; negative if it is not. */
  private int matched;

  /**
   * Before the first character.
   *
   * @param line on both sides of a text, and no part of it
   */
  TaggedValue(ArgumentTypes.Kind kind, String line, Consumer<String> out) {
    this.kind = kind;
    this.line = line;
    this.out = out;
  }

  void append(char c) {
    value.append(c);
    match(c);
    if (text || isCertainlyText()) {
      int end = value.length() - line.length(); // what comes last may be the line
      boolean half = end > 0 && Character.isHighSurrogate(value.charAt(end - 1));
      tell(half ? end - 1 : end); // no piece ends within a code point
    }
  }

  private boolean isCertainlyText() {
    return value.length() > line.length()
        && switch (kind) {
          case TEXT -> true;
          case TEXT_OR_NULL -> matched < 0;
          case JSON -> false;
        };
  }

  private void match(char c) {
    if (matched >= 0 && matched < NULL.length() && c == NULL.charAt(matched)) {
      matched++;
    } else if (!Character.isWhitespace(c) || (matched > 0 && matched < NULL.length())) {
      matched = -1;
    }
  }

  void end() {
    if (kind != ArgumentTypes.Kind.TEXT && !text) {
      String written = value.toString().strip();
      String json = WORDS.getOrDefault(written, written);
      if (kind == ArgumentTypes.Kind.JSON ? isJson(json) : written.equals(NULL)) {
        out.accept(json);
        return;
      }
    }
    int end = value.length();
    boolean behind = value.toString().endsWith(line) && end - line.length() >= begin();
    tell(behind ? end - line.length() : end);
    out.accept("\"");
  }

  private int begin() {
    return value.toString().startsWith(line) ? line.length() : 0;
  }

  private void tell(int end) {
    StringBuilder json = new StringBuilder();
    if (!text) {
      text = true;
      told = begin();
      json.append('"');
    }
    for (; told < end; told++) {
      JsonText.append(value.charAt(told), json);
    }
    if (json.length() > 0) {
      out.accept(json.toString());
    }
  }

  private static boolean isJson(String value) {
    try {
      return Json.object("{\"a\": " + value + "}").size() == 1;
    } catch (IllegalArgumentException e) {
      return false;
    }
  }
}

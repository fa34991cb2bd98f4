package io.fundamentallm.webservice.json;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.internal.json.Excerpt;
import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.util.HashSet;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Where a text stops being JSON, and what would go on there, for people: the parser's own words
 * name its classes and settings. Reads a text that the parser refused once more. One thread.
 */
final class JsonFault {
  private static final int LONGEST_NAME = 64;

  private final int nesting;
  private final int numberLength;
  private final String text;
  private final boolean malformed;
  private int at;
  private @Nullable String fault;

  private JsonFault(byte[] json, int nesting, int numberLength) {
    this.nesting = nesting;
    this.numberLength = numberLength;
    CharsetDecoder decoder = UTF_8.newDecoder();
    CharBuffer decoded = CharBuffer.allocate(json.length);
    malformed = decoder.decode(ByteBuffer.wrap(json), decoded, true).isError();
    text = decoded.flip().toString();
  }

  /**
   * What is wrong, and where.
   *
   * @param nesting how deep arrays and objects may be in one another
   * @param numberLength how long a number may be
   */
  static String of(byte[] json, int nesting, int numberLength) {
    JsonFault reading = new JsonFault(json, nesting, numberLength);
    boolean sound = reading.value(0, "a value") && reading.end();
    String fault = sound ? null : reading.fault;
    return reading.place() + ": " + (fault == null ? "what cannot be read" : fault);
  }

  private String place() {
    int line = 1;
    int start = 0;
    for (int i = 0; i < at; i++) {
      char c = text.charAt(i);
      if (c == '\n' || (c == '\r' && !(i + 1 < text.length() && text.charAt(i + 1) == '\n'))) {
        line++;
        start = i + 1;
      }
    }
    return "line " + line + ", column " + (text.codePointCount(start, Math.max(start, at)) + 1);
  }

  private boolean expected(String what) {
    if (at < text.length()) {
      int c = text.codePointAt(at);
      boolean shown = c > ' ' && !Character.isISOControl(c) && Character.isDefined(c);
      String found = shown ? "'" + Character.toString(c) + "'" : String.format("U+%04X", c);
      return wrong("expected " + what + ", but there is " + found);
    }
    return wrong(
        malformed ? "bytes that are not UTF-8" : "expected " + what + ", but the text ends");
  }

  private boolean wrong(String what) {
    fault = what;
    return false;
  }

  private boolean end() {
    skipSpace();
    return (at == text.length() && !malformed) || expected("the end");
  }

  private void skipSpace() {
    while (at < text.length() && " \t\r\n".indexOf(text.charAt(at)) >= 0) {
      at++;
    }
  }

  private boolean isAt(char c) {
    return at < text.length() && text.charAt(at) == c;
  }

  private boolean take(char c) {
    boolean there = isAt(c);
    at += there ? 1 : 0;
    return there;
  }

  private boolean value(int depth, String what) {
    skipSpace();
    for (String word : new String[] {"true", "false", "null"}) {
      if (text.startsWith(word, at)) {
        at += word.length();
        return true;
      }
    }
    if (isAt('"')) {
      return string();
    } else if (isAt('{') || isAt('[')) {
      if (depth == nesting) {
        return wrong("more than " + nesting + " arrays and objects in one another");
      }
      return take('{') ? object(depth) : array(depth);
    }
    return (isAt('-') || isDigit()) ? number() : expected(what);
  }

  private boolean object(int depth) {
    Set<String> names = new HashSet<>();
    skipSpace();
    if (take('}')) {
      return true;
    }
    String name = "a name in double quotes or }";
    do {
      skipSpace();
      int start = at;
      if (!isAt('"')) {
        return expected(name);
      } else if (!string()) {
        return false;
      }
      String its = text.substring(start + 1, at - 1);
      if (!names.add(its)) {
        at = start;
        return wrong(
            "the name \"" + Excerpt.of(its, LONGEST_NAME) + "\" stands twice in its object");
      }
      skipSpace();
      if (!take(':')) {
        return expected("a colon");
      } else if (!value(depth + 1, "a value")) {
        return false;
      }
      skipSpace();
      name = "a name in double quotes";
    } while (take(','));
    return take('}') || expected("a comma or }");
  }

  private boolean array(int depth) {
    take('[');
    skipSpace();
    if (take(']')) {
      return true;
    }
    String item = "a value or ]";
    do {
      if (!value(depth + 1, item)) {
        return false;
      }
      skipSpace();
      item = "a value";
    } while (take(','));
    return take(']') || expected("a comma or ]");
  }

  private boolean string() {
    take('"');
    while (!isAt('"')) {
      if (at == text.length()) {
        return expected("a closing quote");
      } else if (text.charAt(at) < ' ') {
        return expected("an escape such as \\n");
      } else if (take('\\')) {
        if (take('u')) {
          for (int i = 0; i < 4; i++) {
            if (at == text.length() || "0123456789abcdefABCDEF".indexOf(text.charAt(at)) < 0) {
              return expected("a hexadecimal digit");
            }
            at++;
          }
        } else if (at == text.length() || "\"\\/bfnrt".indexOf(text.charAt(at)) < 0) {
          return expected("one of \"\\/bfnrtu");
        } else {
          at++;
        }
      } else {
        at++;
      }
    }
    return take('"');
  }

  private boolean isDigit() {
    return at < text.length() && text.charAt(at) >= '0' && text.charAt(at) <= '9';
  }

  private boolean digits() {
    if (!isDigit()) {
      return expected("a digit");
    }
    while (isDigit()) {
      at++;
    }
    return true;
  }

  private boolean number() {
    int start = at;
    take('-');
    if (!take('0') && !digits()) {
      return false;
    }
    if (take('.') && !digits()) {
      return false;
    }
    int mantissa = at;
    if (take('e') || take('E')) {
      if (!take('+')) {
        take('-');
      }
      if (!digits()) {
        return false;
      }
    }
    int length = at - start;
    int exponent = at - mantissa;
    if (length > numberLength) {
      at = start;
      return wrong("a number of more than " + numberLength + " characters");
    } else if (exponent > "e+123456789".length()) {
      at = start;
      return wrong("a number whose exponent is too large");
    }
    return true;
  }
}

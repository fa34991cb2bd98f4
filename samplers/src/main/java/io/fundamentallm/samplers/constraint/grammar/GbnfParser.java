package io.fundamentallm.samplers.constraint.grammar;

import com.google.common.collect.ImmutableRangeSet;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads the notation that {@link io.fundamentallm.samplers.constraint.GrammarConstraint} documents.
 */
public final class GbnfParser {
  private final String text;
  private int at;

  private GbnfParser(String text) {
    this.text = text;
  }

  public static Grammar parse(String text) {
    return new GbnfParser(text).grammar();
  }

  private Grammar grammar() {
    Map<String, Expression> rules = new LinkedHashMap<>();
    skipSpace(true);
    while (at < text.length()) {
      Interruption.check();
      String name = name();
      skipSpace(false);
      if (!text.startsWith("::=", at)) {
        throw error("::= must follow the name of a rule");
      }
      at += 3;
      skipSpace(true);
      if (rules.put(name, alternatives(0)) != null) {
        throw error("rule \"" + name + "\" is defined twice");
      }
      if (at < text.length() && peek() != '\n' && peek() != '\r') {
        throw error(
            peek() == ')'
                ? "a closing ) without an opening ("
                : "unexpected character "
                    + Character.toString(peek())
                    + "; texts stand in double quotes");
      }
      skipSpace(true);
    }
    return new Grammar(rules, "root");
  }

  private Expression alternatives(int depth) {
    if (depth > Limits.NESTING) {
      throw Limits.exceeded("a grammar", Limits.NESTING, "groups within each other");
    }
    List<Expression> branches = new ArrayList<>();
    do {
      skipSpace(true);
      branches.add(sequence(depth));
    } while (isBar());
    return Expression.anyOf(branches);
  }

  /** Whether another alternative follows, possibly on the next line. */
  private boolean isBar() {
    int before = at;
    skipSpace(true);
    if (at < text.length() && peek() == '|') {
      at++;
      return true;
    }
    at = before;
    return false;
  }

  private Expression sequence(int depth) {
    List<Expression> parts = new ArrayList<>();
    Expression part = part(depth);
    while (part != null) {
      Interruption.check();
      skipSpace(depth > 0);
      parts.add(quantified(part));
      skipSpace(depth > 0);
      part = part(depth);
    }
    return parts.size() == 1 ? parts.get(0) : new Expression.Sequence(List.copyOf(parts));
  }

  /** The next symbol; null if the sequence ends. */
  private @Nullable Expression part(int depth) {
    if (at >= text.length()) {
      return null;
    }
    int c = peek();
    if (c == '"') {
      return literal();
    } else if (c == '[') {
      return Utf8.of(characterClass());
    } else if (c == '.') {
      at++;
      return Utf8.of(Utf8.ALL);
    } else if (c == '(') {
      int begin = at++;
      Expression body = alternatives(depth + 1);
      skipSpace(true);
      if (at >= text.length() || peek() != ')') {
        at = begin;
        throw error("an opening ( without a closing )");
      }
      at++;
      return body;
    } else if (c == '<' || c == '!') {
      throw error("tokens in angle brackets are not supported; write what they say as text");
    }
    return isNamePart(c) ? new Expression.Rule(name()) : null;
  }

  private Expression quantified(Expression body) {
    int c = at < text.length() ? peek() : 0;
    if (c == '*' || c == '+' || c == '?') {
      at++;
      return Expression.repeat(body, c == '+' ? 1 : 0, c == '?' ? 1 : Expression.UNLIMITED);
    } else if (c != '{') {
      return body;
    }
    int begin = at++;
    int min = number();
    int max = min;
    skipSpace(false);
    if (at < text.length() && peek() == ',') {
      at++;
      skipSpace(false);
      max = at < text.length() && peek() == '}' ? Expression.UNLIMITED : number();
      skipSpace(false);
    }
    if (at >= text.length() || peek() != '}' || max < min) {
      at = begin;
      throw error("a repetition is written {m}, {m,} or {m,n}, the minimum first");
    }
    at++;
    return Expression.repeat(body, min, max);
  }

  private int number() {
    skipSpace(false);
    int begin = at;
    while (at < text.length() && peek() >= '0' && peek() <= '9') {
      at++;
    }
    try {
      int number = Integer.parseInt(text.substring(begin, at));
      if (number < Expression.UNLIMITED) {
        return number;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    at = begin;
    throw error("a count is a whole number below " + Expression.UNLIMITED);
  }

  private Expression literal() {
    int begin = at++;
    StringBuilder literal = new StringBuilder();
    while (at < text.length() && peek() != '"' && peek() != '\n') {
      literal.appendCodePoint(character());
    }
    if (at >= text.length() || peek() != '"') {
      at = begin;
      throw error("a \" without the one that ends it");
    }
    at++;
    return Expression.text(literal.toString());
  }

  private ImmutableRangeSet<Integer> characterClass() {
    int begin = at++;
    boolean negated = at < text.length() && peek() == '^';
    at += negated ? 1 : 0;
    List<ImmutableRangeSet<Integer>> items = new ArrayList<>();
    while (at < text.length() && peek() != ']') {
      Interruption.check();
      int first = character();
      int last = first;
      if (at + 1 < text.length() && peek() == '-' && text.charAt(at + 1) != ']') {
        at++;
        last = character();
      }
      if (last < first) {
        at = begin;
        throw error("a range of characters does not go upwards");
      }
      items.add(Utf8.range(first, last));
    }
    if (at >= text.length()) {
      at = begin;
      throw error("an opening [ without a closing ]");
    }
    at++;
    ImmutableRangeSet<Integer> set = Utf8.union(items);
    return negated ? Utf8.not(set) : set;
  }

  /** A character, as it is or escaped. */
  private int character() {
    int begin = at;
    int c = peek();
    at += Character.charCount(c);
    int character = c == '\\' ? escaped() : c;
    if (Utf8.isSurrogate(character)) {
      at = begin;
      throw error(Utf8.HALF_A_PAIR);
    }
    return character;
  }

  private int escaped() {
    int escaped = at < text.length() ? text.charAt(at++) : 0;
    return switch (escaped) {
      case 'n' -> '\n';
      case 'r' -> '\r';
      case 't' -> '\t';
      case '\\', '"', '[', ']', '-', '^' -> escaped;
      case 'x' -> hex(2);
      case 'u' -> utf16();
      case 'U' -> hex(8);
      default -> {
        at--;
        throw error("escapes are \\n \\r \\t \\\\ \\\" \\[ \\] \\xHH \\uHHHH \\UHHHHHHHH");
      }
    };
  }

  /** Four digits, or twice four for the two halves of a pair. */
  private int utf16() {
    int unit = hex(4);
    int after = at;
    if (Character.isHighSurrogate((char) unit) && text.startsWith("\\u", at)) {
      at += 2;
      int second = hex(4);
      if (Character.isLowSurrogate((char) second)) {
        return Character.toCodePoint((char) unit, (char) second);
      }
      at = after;
    }
    return unit;
  }

  private int hex(int digits) {
    int end = at + digits;
    try {
      int value = end > text.length() ? -1 : Integer.parseInt(text.substring(at, end), 16);
      if (value >= 0 && value <= Character.MAX_CODE_POINT) {
        at = end;
        return value;
      }
    } catch (NumberFormatException e) {
      // reported below
    }
    throw error(digits + " hexadecimal digits of a character are expected here");
  }

  private int peek() {
    return text.codePointAt(at);
  }

  private String name() {
    int begin = at;
    while (at < text.length() && isNamePart(peek())) {
      at++;
    }
    if (begin == at) {
      throw error("the name of a rule is expected here: letters, digits and -");
    }
    return text.substring(begin, at);
  }

  private static boolean isNamePart(int c) {
    return c < 128 && (Character.isLetterOrDigit(c) || c == '-' || c == '_');
  }

  private void skipSpace(boolean lines) {
    while (at < text.length()) {
      int c = peek();
      if (c == '#') {
        int end = text.indexOf('\n', at);
        at = end < 0 ? text.length() : end;
      } else if (c == ' ' || c == '\t' || (lines && (c == '\n' || c == '\r'))) {
        at++;
      } else {
        return;
      }
    }
  }

  private IllegalArgumentException error(String message) {
    int line = 1 + (int) text.substring(0, at).chars().filter(c -> c == '\n').count();
    int column = at - text.lastIndexOf('\n', at - 1);
    return new IllegalArgumentException(
        "grammar, line " + line + ", column " + column + ": " + message);
  }
}

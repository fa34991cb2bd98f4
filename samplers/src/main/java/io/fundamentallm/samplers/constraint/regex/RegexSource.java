package io.fundamentallm.samplers.constraint.regex;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/** The text of a regular expression while it is read: characters, escapes and classes. */
final class RegexSource {
  static final ImmutableRangeSet<Integer> LINE_TERMINATORS =
      Utf8.set('\n', '\r', 0x85, 0x2028, 0x2029);

  private static final ImmutableRangeSet<Integer> DIGITS = Utf8.range('0', '9');
  private static final ImmutableRangeSet<Integer> WORD =
      Utf8.union(List.of(DIGITS, Utf8.range('a', 'z'), Utf8.range('A', 'Z'), Utf8.set('_')));
  private static final ImmutableRangeSet<Integer> SPACE =
      Utf8.set(' ', '\t', '\n', 0x0B, '\f', '\r');

  private final String text;
  private int at;

  RegexSource(String text) {
    this.text = text;
  }

  boolean isAtEnd() {
    return at >= text.length();
  }

  boolean isAtEndAnchor() {
    return text.startsWith("\\z", at) || text.startsWith("\\Z", at);
  }

  int index() {
    return at;
  }

  int peek() {
    return text.codePointAt(at);
  }

  int next() {
    if (isAtEnd()) {
      throw error("the pattern ends too early");
    }
    int c = scalar(peek(), at);
    at += Character.charCount(c);
    return c;
  }

  boolean skip(String expected) {
    boolean there = text.startsWith(expected, at);
    at += there ? expected.length() : 0;
    return there;
  }

  IllegalArgumentException error(String message) {
    return error(at, message);
  }

  IllegalArgumentException error(int index, String message) {
    return new IllegalArgumentException("at index " + index + " of /" + text + "/: " + message);
  }

  /** The name of a group, which is not used, with the > after it. */
  void name() {
    int end = text.indexOf('>', at);
    if (end < 0) {
      throw error("the name of a group ends with >");
    }
    at = end + 1;
  }

  /** A count; the largest is one less than what stands for no limit. */
  int number() {
    int begin = at;
    while (!isAtEnd() && text.charAt(at) >= '0' && text.charAt(at) <= '9') {
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
    throw error(begin, "a count is a whole number below " + Expression.UNLIMITED);
  }

  /** What follows a backslash. */
  ImmutableRangeSet<Integer> escape() {
    int begin = at - 1;
    int c = next();
    return switch (c) {
      case 'd' -> DIGITS;
      case 'D' -> Utf8.not(DIGITS);
      case 'w' -> WORD;
      case 'W' -> Utf8.not(WORD);
      case 's' -> SPACE;
      case 'S' -> Utf8.not(SPACE);
      case 'p' -> property(begin);
      case 'P' -> Utf8.not(property(begin));
      case 't' -> Utf8.set('\t');
      case 'n' -> Utf8.set('\n');
      case 'r' -> Utf8.set('\r');
      case 'f' -> Utf8.set('\f');
      case 'x' -> Utf8.set(scalar(skip("{") ? braced(begin) : hex(2, begin), begin));
      case 'u' -> Utf8.set(scalar(skip("{") ? braced(begin) : utf16(begin), begin));
      case 'b', 'B' -> throw error(begin, "word boundaries are not supported");
      case 'A', 'z', 'Z', 'G' -> throw error(begin, "anchors are supported at the two ends only");
      case 'k', '1', '2', '3', '4', '5', '6', '7', '8', '9' ->
          throw error(begin, "backreferences are not supported");
      default -> {
        if (c < 128 && Character.isLetterOrDigit(c)) {
          throw error(begin, "the escape \\" + Character.toString(c) + " is not supported");
        }
        yield Utf8.set(c);
      }
    };
  }

  /** The code point; refuses a surrogate, which no text has. */
  private int scalar(int codePoint, int begin) {
    if (Utf8.isSurrogate(codePoint)) {
      throw error(begin, Utf8.HALF_A_PAIR);
    }
    return codePoint;
  }

  private int utf16(int begin) {
    int unit = hex(4, begin);
    int low = at;
    if (Character.isHighSurrogate((char) unit) && skip("\\u")) {
      int second = hex(4, begin);
      if (Character.isLowSurrogate((char) second)) {
        return Character.toCodePoint((char) unit, (char) second);
      }
      at = low;
    }
    return unit;
  }

  private int hex(int digits, int begin) {
    int end = at + digits;
    int value = parseHex(Math.min(end, text.length()), digits, begin);
    at = end;
    return value;
  }

  private int braced(int begin) {
    int end = text.indexOf('}', at);
    int value = parseHex(end < 0 ? at : end, -1, begin);
    at = end + 1;
    return value;
  }

  private int parseHex(int end, int digits, int begin) {
    String hex = text.substring(at, end);
    boolean valid = !hex.isEmpty() && hex.length() <= 6 && (digits < 0 || hex.length() == digits);
    for (int i = 0; i < hex.length(); i++) {
      valid &= Character.digit(hex.charAt(i), 16) >= 0;
    }
    int value = valid ? Integer.parseInt(hex, 16) : -1;
    if (value < 0 || value > Character.MAX_CODE_POINT) {
      throw error(begin, "a character is written \\xHH, \\x{H…} or \\uHHHH");
    }
    return value;
  }

  private ImmutableRangeSet<Integer> property(int begin) {
    String name;
    if (skip("{")) {
      int end = text.indexOf('}', at);
      if (end < 0) {
        throw error(begin, "a property is written \\p{Name}");
      }
      name = text.substring(at, end);
      at = end + 1;
    } else {
      name = Character.toString(next());
    }
    try {
      return UnicodeProperties.named(name);
    } catch (IllegalArgumentException e) {
      throw error(begin, "\\p{" + name + "} is not a property that java.util.regex knows");
    }
  }

  /** What follows a [, including the ]. */
  ImmutableRangeSet<Integer> characterClass() {
    int begin = at - 1;
    boolean negated = skip("^");
    Set<ImmutableRangeSet<Integer>> items = new LinkedHashSet<>();
    while (items.isEmpty() || isAtEnd() || peek() != ']') {
      if (isAtEnd()) {
        throw error(begin, "an opening [ without a closing ]");
      }
      if (text.startsWith("&&", at)) {
        throw error("intersections of classes are not supported");
      } else if (peek() == '[' || peek() == ']') {
        throw error("escape the " + Character.toString(peek()) + " inside a class");
      }
      Interruption.check();
      items.add(item());
    }
    next();
    ImmutableRangeSet<Integer> set = Utf8.union(items);
    return negated ? Utf8.not(set) : set;
  }

  private ImmutableRangeSet<Integer> item() {
    int begin = at;
    ImmutableRangeSet<Integer> first = member();
    boolean range = !isAtEnd() && peek() == '-' && at + 1 < text.length();
    if (!range || text.charAt(at + 1) == ']' || !isSingle(first)) {
      return first;
    }
    next();
    ImmutableRangeSet<Integer> last = member();
    if (!isSingle(last) || last.span().lowerEndpoint() < first.span().lowerEndpoint()) {
      throw error(begin, "the range of characters does not go upwards");
    }
    return ImmutableRangeSet.of(first.span().span(last.span()));
  }

  private ImmutableRangeSet<Integer> member() {
    int c = next();
    if (c == '[') {
      throw error(at - 1, "escape the [ inside a class");
    }
    return c == '\\' ? escape() : Utf8.set(c);
  }

  private static boolean isSingle(ImmutableRangeSet<Integer> set) {
    return !set.isEmpty() && set.span().upperEndpoint() == set.span().lowerEndpoint() + 1;
  }
}

package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import org.jspecify.annotations.Nullable;

/**
 * Reads a pattern from its start to its end: characters, and the escapes that stand for characters.
 */
final class PatternReader {
  private final String pattern;
  private final Regex.Dialect dialect;
  private int at;

  PatternReader(String pattern, Regex.Dialect dialect) {
    this.pattern = pattern;
    this.dialect = dialect;
  }

  int index() {
    return at;
  }

  void index(int index) {
    at = index;
  }

  boolean atEnd() {
    return at == pattern.length();
  }

  /** The next code point, or -1. */
  int peek() {
    return atEnd() ? -1 : pattern.codePointAt(at);
  }

  /** Reads the next code point. */
  int next() {
    if (atEnd()) {
      throw wrong("it ends too early", at);
    }
    int c = pattern.codePointAt(at);
    at += Character.charCount(c);
    return c;
  }

  boolean sees(String text) {
    return pattern.startsWith(text, at);
  }

  boolean accept(String text) {
    if (sees(text)) {
      at += text.length();
      return true;
    }
    return false;
  }

  /** Reads what is before the next occurrence of something, and the occurrence. */
  String until(String end, String what) {
    int start = at;
    int found = pattern.indexOf(end, at);
    if (found < 0) {
      throw wrong("unclosed " + what, start);
    }
    at = found + end.length();
    return pattern.substring(start, found);
  }

  /** A decimal number, or -1. */
  int number() {
    int start = at;
    int value = 0;
    while (peek() >= '0' && peek() <= '9') {
      value = Math.min(10 * value + next() - '0', 1_000_000);
    }
    return at == start ? -1 : value;
  }

  IllegalArgumentException wrong(String what, int index) {
    return new IllegalArgumentException(
        what + ", at index " + index + " of the pattern " + pattern);
  }

  /**
   * What an escape that stands for characters means, after its backslash; null, with nothing read,
   * for other letters and for back-references.
   */
  @Nullable ImmutableRangeSet<Integer> escape(boolean inClass) {
    int start = at;
    int c = next();
    return switch (c) {
      case 't' -> CodePoints.of('\t');
      case 'n' -> CodePoints.of('\n');
      case 'r' -> CodePoints.of('\r');
      case 'f' -> CodePoints.of('\f');
      case 'v' -> CodePoints.of(0x0B);
      case 'a' -> CodePoints.of(7);
      case 'e' -> CodePoints.of(0x1B);
      case 'c' -> CodePoints.of(next() & 0x1F);
      case 'x' -> CodePoints.of(accept("{") ? braced(start) : hex(2, start));
      case 'u' -> CodePoints.of(accept("{") ? braced(start) : hex(4, start));
      case 'd' -> CharProperties.digit();
      case 'D' -> CodePoints.not(CharProperties.digit());
      case 's' -> CharProperties.space();
      case 'S' -> CodePoints.not(CharProperties.space());
      case 'w' -> word(inClass);
      case 'W' -> CodePoints.not(word(inClass));
      case 'h' -> CharProperties.HEX;
      case 'H' -> CodePoints.not(CharProperties.HEX);
      case 'p', 'P' -> property(c == 'P', start);
      case '0' -> CodePoints.of(octal());
      default -> {
        boolean letter = (c | 32) >= 'a' && (c | 32) <= 'z';
        if (letter || (c >= '1' && c <= '9')) {
          at = start;
          yield null;
        }
        yield CodePoints.of(c);
      }
    };
  }

  private ImmutableRangeSet<Integer> word(boolean inClass) {
    return inClass ? CharProperties.wordInClass(dialect) : CharProperties.word(dialect);
  }

  private ImmutableRangeSet<Integer> property(boolean negative, int start) {
    boolean not = negative;
    String name;
    if (accept("{")) {
      if (accept("^")) {
        not = !not;
      }
      name = until("}", "property");
    } else {
      name = Character.toString(next());
    }
    ImmutableRangeSet<Integer> set = CharProperties.named(name, dialect);
    if (set == null) {
      throw wrong("unknown property " + name, start - 1);
    }
    return not ? CodePoints.not(set) : set;
  }

  private int octal() {
    int value = 0;
    for (int i = 0; i < 2 && peek() >= '0' && peek() <= '7'; i++) {
      value = 8 * value + next() - '0';
    }
    return value;
  }

  private int hex(int digits, int start) {
    int value = 0;
    for (int i = 0; i < digits; i++) {
      int digit = Character.digit(peek(), 16);
      if (digit < 0 || peek() > 0x7F) {
        if (i > 0 && digits == 2 && dialect == Regex.Dialect.ONIGURUMA) {
          return value;
        }
        throw wrong("a hexadecimal digit is missing", start - 1);
      }
      value = 16 * value + digit;
      next();
    }
    return value;
  }

  private int braced(int start) {
    String digits = until("}", "code point");
    int value = digits.isEmpty() || digits.length() > 8 ? -1 : 0;
    for (int i = 0; i < digits.length() && value >= 0; i++) {
      int digit = digits.charAt(i) > 0x7F ? -1 : Character.digit(digits.charAt(i), 16);
      value = digit < 0 || value > 0xFFFFFF ? -1 : 16 * value + digit;
    }
    if (value < 0 || value >= CodePoints.LIMIT) {
      throw wrong("no code point: " + digits, start - 1);
    }
    return value;
  }
}

package io.fundamentallm.samplers.constraint.regex;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.List;

/**
 * Reads the regular expressions that {@link io.fundamentallm.samplers.constraint.RegexConstraint}
 * documents. An alphabet turns characters into bytes, so the same pattern can be read inside a JSON
 * string.
 */
public final class RegexParser {
  private final RegexSource source;
  private final CodePointAlphabet alphabet;

  private RegexParser(String pattern, CodePointAlphabet alphabet) {
    this.source = new RegexSource(pattern);
    this.alphabet = alphabet;
  }

  /** The texts that match as a whole. */
  public static Expression matching(String pattern, CodePointAlphabet alphabet) {
    return new RegexParser(pattern, alphabet).read(false);
  }

  /** The texts in which something matches. */
  public static Expression anywhere(String pattern, CodePointAlphabet alphabet) {
    return new RegexParser(pattern, alphabet).read(true);
  }

  private Expression read(boolean anywhere) {
    Expression others = anywhere ? Expression.many(alphabet.of(Utf8.ALL)) : null;
    List<Expression> branches = new ArrayList<>();
    do {
      boolean begins = source.skip("^") || source.skip("\\A");
      Expression body = sequence(0);
      boolean ends = source.skip("$") || source.skip("\\z") || source.skip("\\Z");
      List<Expression> parts = new ArrayList<>();
      if (others != null && !begins) {
        parts.add(others);
      }
      parts.add(body);
      if (others != null && !ends) {
        parts.add(others);
      }
      branches.add(new Expression.Sequence(parts));
    } while (source.skip("|"));
    if (!source.isAtEnd()) {
      throw source.error(
          source.peek() == ')'
              ? "a closing ) without an opening ("
              : "^ and $ are supported at the two ends only");
    }
    return Expression.anyOf(branches);
  }

  private Expression alternatives(int depth) {
    List<Expression> branches = new ArrayList<>();
    do {
      branches.add(sequence(depth));
    } while (source.skip("|"));
    return Expression.anyOf(branches);
  }

  private Expression sequence(int depth) {
    List<Expression> parts = new ArrayList<>();
    while (!source.isAtEnd() && "|)$".indexOf(source.peek()) < 0 && !source.isAtEndAnchor()) {
      Interruption.check();
      parts.add(quantified(atom(depth)));
    }
    return parts.size() == 1 ? parts.get(0) : new Expression.Sequence(List.copyOf(parts));
  }

  private Expression atom(int depth) {
    int at = source.index();
    int c = source.next();
    return switch (c) {
      case '(' -> group(depth + 1);
      case '[' -> alphabet.of(source.characterClass());
      case '.' -> alphabet.of(Utf8.not(RegexSource.LINE_TERMINATORS));
      case '\\' -> alphabet.of(source.escape());
      case '*', '+', '?' -> throw source.error(at, "there is nothing before the quantifier");
      case '{', '}', ']' ->
          throw source.error(at, "escape the character: \\" + Character.toString(c));
      case '^' -> throw source.error(at, "^ and $ are supported at the two ends only");
      default -> alphabet.of(Utf8.set(c));
    };
  }

  private Expression group(int depth) {
    int at = source.index() - 1;
    if (depth > Limits.NESTING) {
      throw Limits.exceeded("a regular expression", Limits.NESTING, "groups within each other");
    }
    if (source.skip("?")) {
      if (source.skip("=") || source.skip("!") || source.skip("<=") || source.skip("<!")) {
        throw source.error(at, "lookahead and lookbehind are not supported");
      } else if (source.skip(">")) {
        throw source.error(at, "atomic groups are not supported");
      } else if (source.skip("<") || source.skip("P<")) {
        source.name();
      } else if (!source.skip(":")) {
        throw source.error(at, "inline flags such as (?i) are not supported");
      }
    }
    Expression body = alternatives(depth);
    if (!source.skip(")")) {
      throw source.isAtEnd()
          ? source.error(at, "an opening ( without a closing )")
          : source.error("^ and $ are supported at the two ends only");
    }
    return body;
  }

  private Expression quantified(Expression body) {
    int min = 1;
    int max = 1;
    if (source.skip("*")) {
      min = 0;
      max = Expression.UNLIMITED;
    } else if (source.skip("+")) {
      max = Expression.UNLIMITED;
    } else if (source.skip("?")) {
      min = 0;
    } else if (source.skip("{")) {
      min = source.number();
      max = min;
      if (source.skip(",")) {
        max = source.isAtEnd() || source.peek() == '}' ? Expression.UNLIMITED : source.number();
      }
      if (!source.skip("}")) {
        throw source.error("a quantifier is written {m}, {m,} or {m,n}");
      }
      if (max < min) {
        throw source.error("the quantifier's maximum " + max + " is less than its minimum " + min);
      }
    } else {
      return body;
    }
    source.skip("?"); // a lazy quantifier matches the same texts
    if (!source.isAtEnd() && source.peek() == '+') {
      throw source.error("possessive quantifiers are not supported");
    }
    if (!source.isAtEnd() && "*?{".indexOf(source.peek()) >= 0) {
      throw source.error("a quantifier after a quantifier");
    }
    return Expression.repeat(body, min, max);
  }
}

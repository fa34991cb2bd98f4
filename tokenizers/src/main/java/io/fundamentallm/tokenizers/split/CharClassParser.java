package io.fundamentallm.tokenizers.split;

import org.jspecify.annotations.Nullable;

/** Parses what stands in square brackets: ranges, escapes, classes in classes, set operations. */
final class CharClassParser {
  private static final int MAX_DEPTH = 100;

  private final PatternReader in;
  private final Regex.Dialect dialect;
  private final boolean ignoreCase;

  CharClassParser(PatternReader in, Regex.Dialect dialect, boolean ignoreCase) {
    this.in = in;
    this.dialect = dialect;
    this.ignoreCase = ignoreCase;
  }

  /** The set, when the opening bracket has been read. */
  CharSet parse(int depth) {
    int start = in.index() - 1;
    if (depth > MAX_DEPTH) {
      throw in.wrong("classes nested too deeply", start);
    }
    boolean negative = in.accept("^");
    CharSet left = null;
    char operation = '&';
    CharSet.Builder items = new CharSet.Builder();
    // a bracket in the first place is a member
    boolean first = true;
    while (true) {
      if (in.atEnd()) {
        throw in.wrong("unclosed class", start);
      }
      if (!first && in.accept("]")) {
        CharSet set = operate(left, operation, items.build());
        if (ignoreCase) {
          set = CaseClosure.of(set);
        }
        return negative ? set.not() : set;
      }
      char next = operation();
      if (next != 0) {
        left = operate(left, operation, items.build());
        operation = next;
        items = new CharSet.Builder();
      } else {
        item(items, depth);
      }
      first = false;
    }
  }

  /** The operator that stands here, gone past, or 0. */
  private char operation() {
    if (in.accept("&&")) {
      return '&';
    }
    if (dialect == Regex.Dialect.RUST) {
      if (in.accept("--")) {
        return '-';
      }
      if (in.accept("~~")) {
        return '~';
      }
    }
    return 0;
  }

  private static CharSet operate(@Nullable CharSet left, char operation, CharSet right) {
    if (left == null) {
      return right;
    }
    return operation == '&'
        ? left.and(right)
        : operation == '-' ? left.minus(right) : left.xor(right);
  }

  private void item(CharSet.Builder items, int depth) {
    int start = in.index();
    if (in.sees("[:")) {
      CharSet posix = posix();
      if (posix != null) {
        items.addAll(posix);
        return;
      }
    }
    if (in.accept("[")) {
      items.addAll(parse(depth + 1));
      return;
    }
    CharSet low = member();
    if (low.single() >= 0 && in.sees("-") && !in.sees("-]") && !in.sees("-[")) {
      int dash = in.index();
      if (dialect == Regex.Dialect.ONIGURUMA || !in.sees("--")) {
        in.next();
        CharSet high = member();
        if (high.single() >= 0) {
          if (high.single() < low.single()) {
            throw in.wrong("a range that ends before it starts", start);
          }
          items.add(low.single(), high.single());
          return;
        }
        in.index(dash);
      }
    }
    items.addAll(low);
  }

  private CharSet member() {
    int start = in.index();
    if (!in.accept("\\")) {
      return CharSet.of(in.next());
    }
    CharSet set = in.escape(true);
    if (set == null) {
      if (in.accept("b")) {
        return CharSet.of('\b');
      }
      throw in.wrong("unsupported escape in a class", start);
    }
    return set;
  }

  /** A POSIX class, or null and nothing read. */
  private @Nullable CharSet posix() {
    int start = in.index();
    in.accept("[:");
    boolean negative = in.accept("^");
    StringBuilder name = new StringBuilder();
    while (in.peek() >= 'a' && in.peek() <= 'z') {
      name.appendCodePoint(in.next());
    }
    if (!in.accept(":]")) {
      in.index(start);
      return null;
    }
    CharSet set = CharProperties.posix(name.toString(), dialect);
    if (set == null) {
      throw in.wrong("unknown or unsupported POSIX class " + name, start);
    }
    return negative ? set.not() : set;
  }
}

package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import java.util.BitSet;
import org.jspecify.annotations.Nullable;

/** Parses what is in square brackets: ranges, escapes, classes in classes, set operations. */
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

  /** The set, after the opening bracket has been read. */
  ImmutableRangeSet<Integer> parse(int depth) {
    int start = in.index() - 1;
    if (depth > MAX_DEPTH) {
      throw in.wrong("classes nested too deeply", start);
    }
    boolean negative = in.accept("^");
    ImmutableRangeSet<Integer> left = null;
    char operation = '&';
    BitSet items = new BitSet();
    // a bracket in the first place is a member
    boolean first = true;
    while (true) {
      if (in.atEnd()) {
        throw in.wrong("unclosed class", start);
      }
      if (!first && in.accept("]")) {
        ImmutableRangeSet<Integer> set = operate(left, operation, CodePoints.of(items));
        if (ignoreCase) {
          set = CaseClosure.of(set);
        }
        return negative ? CodePoints.not(set) : set;
      }
      char next = operation();
      if (next != 0) {
        left = operate(left, operation, CodePoints.of(items));
        operation = next;
        items.clear();
      } else {
        item(items, depth);
      }
      first = false;
    }
  }

  /** Reads the operator that is here, or returns 0. */
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

  private static ImmutableRangeSet<Integer> operate(
      @Nullable ImmutableRangeSet<Integer> left, char operation, ImmutableRangeSet<Integer> right) {
    if (left == null) {
      return right;
    }
    return operation == '&'
        ? left.intersection(right)
        : operation == '-'
            ? left.difference(right)
            : left.difference(right).union(right.difference(left));
  }

  private void item(BitSet items, int depth) {
    int start = in.index();
    if (in.sees("[:")) {
      ImmutableRangeSet<Integer> posix = posix();
      if (posix != null) {
        items.or(CodePoints.table(posix));
        return;
      }
    }
    if (in.accept("[")) {
      items.or(CodePoints.table(parse(depth + 1)));
      return;
    }
    ImmutableRangeSet<Integer> low = member();
    if (CodePoints.single(low) >= 0 && in.sees("-") && !in.sees("-]") && !in.sees("-[")) {
      int dash = in.index();
      if (dialect == Regex.Dialect.ONIGURUMA || !in.sees("--")) {
        in.next();
        ImmutableRangeSet<Integer> high = member();
        if (CodePoints.single(high) >= 0) {
          if (CodePoints.single(high) < CodePoints.single(low)) {
            throw in.wrong("a range that ends before it starts", start);
          }
          items.set(CodePoints.single(low), CodePoints.single(high) + 1);
          return;
        }
        in.index(dash);
      }
    }
    items.or(CodePoints.table(low));
  }

  private ImmutableRangeSet<Integer> member() {
    int start = in.index();
    if (!in.accept("\\")) {
      return CodePoints.of(in.next());
    }
    ImmutableRangeSet<Integer> set = in.escape(true);
    if (set == null) {
      if (in.accept("b")) {
        return CodePoints.of('\b');
      }
      throw in.wrong("unsupported escape in a class", start);
    }
    return set;
  }

  /** A POSIX class; null, with nothing read, if there is none. */
  private @Nullable ImmutableRangeSet<Integer> posix() {
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
    ImmutableRangeSet<Integer> set = CharProperties.posix(name.toString(), dialect);
    if (set == null) {
      throw in.wrong("unknown or unsupported POSIX class " + name, start);
    }
    return negative ? CodePoints.not(set) : set;
  }
}

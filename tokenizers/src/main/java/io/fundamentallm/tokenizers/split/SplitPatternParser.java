package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.tokenizers.split.RegexNode.Greediness;
import io.fundamentallm.tokenizers.split.RegexNode.Place;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Parses patterns. */
final class SplitPatternParser {
  private static final int MAX_DEPTH = 200;

  /** Oniguruma's limit. */
  private static final int MAX_REPEAT = 100_000;

  private static final int IGNORE_CASE = 1;
  private static final int DOT_ALL = 2;
  private static final int MULTI_LINE = 4;
  private static final int EXTENDED = 8;

  private final PatternReader in;
  private final Regex.Dialect dialect;
  private int depth;

  /** The flags that hold from here to the end of the group. */
  private int flags;

  SplitPatternParser(String pattern, Regex.Dialect dialect) {
    in = new PatternReader(pattern, dialect);
    this.dialect = dialect;
  }

  RegexNode parse() {
    RegexNode node = choice(0);
    if (!in.atEnd()) {
      throw in.wrong("a closing parenthesis without its opening one", in.index());
    }
    return node;
  }

  private RegexNode choice(int initialFlags) {
    if (++depth > MAX_DEPTH) {
      throw in.wrong("groups nested too deeply", in.index());
    }
    int before = flags;
    flags = initialFlags;
    List<RegexNode> branches = new ArrayList<>();
    do {
      branches.add(sequence());
    } while (in.accept("|"));
    flags = before;
    depth--;
    return branches.size() == 1 ? branches.get(0) : new RegexNode.Choice(branches);
  }

  private RegexNode sequence() {
    List<RegexNode> parts = new ArrayList<>();
    while (!in.atEnd() && !in.sees("|") && !in.sees(")")) {
      if ((flags & EXTENDED) != 0 && skipped()) {
        continue;
      }
      RegexNode part = quantified(atom());
      // so that literals are adjacent
      if (part instanceof RegexNode.Sequence s) {
        parts.addAll(s.parts());
      } else {
        parts.add(part);
      }
    }
    return parts.size() == 1 ? parts.get(0) : new RegexNode.Sequence(parts);
  }

  private boolean skipped() {
    int c = in.peek();
    if (c == '#') {
      while (!in.atEnd() && in.next() != '\n') {}
      return true;
    }
    if (c == ' ' || (c >= '\t' && c <= '\r')) {
      in.next();
      return true;
    }
    return false;
  }

  private RegexNode quantified(RegexNode atom) {
    RegexNode node = atom;
    while (true) {
      while ((flags & EXTENDED) != 0 && !in.atEnd() && skipped()) {}
      int start = in.index();
      if (in.accept("*")) {
        node = repeat(node, 0, RegexNode.UNBOUNDED, greediness());
      } else if (in.accept("+")) {
        node = repeat(node, 1, RegexNode.UNBOUNDED, greediness());
      } else if (in.accept("?")) {
        node = repeat(node, 0, 1, greediness());
      } else {
        RegexNode counted = in.accept("{") ? counted(node, start) : null;
        if (counted == null) {
          in.index(start);
          return node;
        }
        node = counted;
      }
    }
  }

  private Greediness greediness() {
    return in.accept("?")
        ? Greediness.LAZY
        : in.accept("+") ? Greediness.POSSESSIVE : Greediness.GREEDY;
  }

  /** A counted repetition, or null if the brace is a plain character. */
  private @Nullable RegexNode counted(RegexNode node, int start) {
    boolean onig = dialect == Regex.Dialect.ONIGURUMA;
    int min = in.number();
    boolean comma = in.accept(",");
    int max = comma ? in.number() : min;
    if (!in.accept("}") || (min < 0 && max < 0)) {
      if (onig) {
        return null;
      }
      throw in.wrong("a repetition that is none", start);
    }
    min = Math.max(min, 0);
    max = max < 0 ? RegexNode.UNBOUNDED : max;
    if (min > MAX_REPEAT || (max > MAX_REPEAT && max != RegexNode.UNBOUNDED) || min > max) {
      throw in.wrong("a repetition out of bounds", start);
    }
    if (onig) {
      // {n}? is an optional {n}, and a plus after a brace repeats
      boolean lazy = comma && in.accept("?");
      return repeat(node, min, max, lazy ? Greediness.LAZY : Greediness.GREEDY);
    }
    return repeat(node, min, max, greediness());
  }

  private static RegexNode repeat(RegexNode node, int min, int max, Greediness greediness) {
    return min == 1 && max == 1 ? node : new RegexNode.Repeat(node, min, max, greediness);
  }

  private RegexNode atom() {
    int start = in.index();
    int c = in.next();
    boolean ignoreCase = (flags & IGNORE_CASE) != 0;
    return switch (c) {
      case '(' -> group(start);
      case '[' -> new RegexNode.Chars(new CharClassParser(in, dialect, ignoreCase).parse(0));
      case '.' ->
          new RegexNode.Chars(
              (flags & DOT_ALL) != 0 ? CodePoints.ALL : CodePoints.not(CodePoints.of('\n')));
      case '^' -> new RegexNode.Anchor(lineStart());
      case '$' ->
          new RegexNode.Anchor(
              dialect == Regex.Dialect.ONIGURUMA || (flags & MULTI_LINE) != 0
                  ? Place.LINE_END
                  : Place.TEXT_END);
      case '*', '+', '?' -> throw in.wrong("nothing to repeat", start);
      case '\\' -> {
        ImmutableRangeSet<Integer> set = in.escape(false);
        yield set == null ? otherEscape(start) : chars(set);
      }
      default -> chars(CodePoints.of(c));
    };
  }

  private Place lineStart() {
    if (dialect == Regex.Dialect.ONIGURUMA) {
      return Place.LINE_START_BEFORE_END;
    }
    return (flags & MULTI_LINE) != 0 ? Place.LINE_START : Place.TEXT_START;
  }

  private RegexNode chars(ImmutableRangeSet<Integer> set) {
    // Oniguruma folds literals and brackets, and takes \p{Lu} as it is
    boolean folds = CodePoints.single(set) >= 0 || dialect == Regex.Dialect.RUST;
    boolean ignoreCase = (flags & IGNORE_CASE) != 0;
    return new RegexNode.Chars(folds && ignoreCase ? CaseClosure.of(set) : set);
  }

  private RegexNode otherEscape(int start) {
    int c = in.next();
    return switch (c) {
      case 'A' -> new RegexNode.Anchor(Place.TEXT_START);
      case 'z' -> new RegexNode.Anchor(Place.TEXT_END);
      case 'Z' -> new RegexNode.Anchor(Place.TEXT_END_OR_LAST_NEWLINE);
      case 'b' -> new RegexNode.Anchor(Place.WORD_BOUNDARY);
      case 'B' -> new RegexNode.Anchor(Place.NOT_WORD_BOUNDARY);
      case 'N' -> new RegexNode.Chars(CodePoints.not(CodePoints.of('\n')));
      case 'O' -> new RegexNode.Chars(CodePoints.ALL);
      case 'R' ->
          new RegexNode.Atomic(
              new RegexNode.Choice(
                  List.of(
                      new RegexNode.Sequence(
                          List.of(
                              new RegexNode.Chars(CodePoints.of('\r')),
                              new RegexNode.Chars(CodePoints.of('\n')))),
                      new RegexNode.Chars(
                          CodePoints.range('\n', '\r')
                              .union(CodePoints.ofAll("\u0085\u2028\u2029"))))));
      default ->
          throw in.wrong(
              (c <= '9' ? "back-references are not supported: \\" : "unsupported escape \\")
                  + Character.toString(c),
              start);
    };
  }

  private RegexNode group(int start) {
    if (!in.accept("?")) {
      return closed(choice(flags), start);
    }
    if (in.accept("#")) {
      in.until(")", "comment");
      return new RegexNode.Sequence(List.of());
    }
    if (in.accept(":")) {
      return closed(choice(flags), start);
    }
    if (in.accept(">")) {
      return new RegexNode.Atomic(closed(choice(flags), start));
    }
    if (in.accept("=")) {
      return new RegexNode.Look(closed(choice(flags), start), false, false);
    }
    if (in.accept("!")) {
      return new RegexNode.Look(closed(choice(flags), start), false, true);
    }
    if (in.accept("<=")) {
      return lookBehind(closed(choice(flags), start), false, start);
    }
    if (in.accept("<!")) {
      return lookBehind(closed(choice(flags), start), true, start);
    }
    if (in.accept("<") || in.accept("P<")) {
      in.until(">", "name");
      return closed(choice(flags), start);
    }
    if (in.accept("'")) {
      in.until("'", "name");
      return closed(choice(flags), start);
    }
    return flagged(start);
  }

  private RegexNode lookBehind(RegexNode body, boolean negative, int start) {
    List<RegexNode> branches = body instanceof RegexNode.Choice c ? c.branches() : List.of(body);
    for (RegexNode branch : branches) {
      if (branch.width() < 0) {
        throw in.wrong("look-behinds of many lengths are not supported", start);
      }
    }
    return new RegexNode.Look(body, true, negative);
  }

  private RegexNode flagged(int start) {
    int set = flags;
    boolean on = true;
    while (true) {
      int c = in.next();
      if (c == ':') {
        return closed(choice(set), start);
      }
      if (c == ')') {
        if (dialect == Regex.Dialect.ONIGURUMA) {
          // a group up to the end of this one, with all the branches that follow
          return choice(set);
        }
        flags = set;
        return new RegexNode.Sequence(List.of());
      }
      if (c == '-') {
        on = false;
      } else {
        int flag = flag(c, start);
        set = on ? set | flag : set & ~flag;
      }
    }
  }

  private int flag(int c, int start) {
    boolean onig = dialect == Regex.Dialect.ONIGURUMA;
    return switch (c) {
      case 'i' -> IGNORE_CASE;
      case 'x' -> EXTENDED;
      case 's' -> DOT_ALL;
      case 'm' -> onig ? DOT_ALL : MULTI_LINE;
      default -> throw in.wrong("unsupported group (?" + Character.toString(c), start);
    };
  }

  private RegexNode closed(RegexNode body, int start) {
    if (!in.accept(")")) {
      throw in.wrong("unclosed group", start);
    }
    return body;
  }
}

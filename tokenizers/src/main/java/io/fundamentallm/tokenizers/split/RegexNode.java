package io.fundamentallm.tokenizers.split;

import com.google.common.collect.ImmutableRangeSet;
import java.util.List;

/** The syntax tree of a pattern. */
sealed interface RegexNode {
  /** For {@link Repeat}: no upper limit. */
  int UNBOUNDED = Integer.MAX_VALUE;

  /** How a repetition gives back. */
  enum Greediness {
    GREEDY,
    LAZY,
    POSSESSIVE
  }

  /** What an anchor requires of its place. */
  enum Place {
    TEXT_START,
    TEXT_END,
    TEXT_END_OR_LAST_NEWLINE,
    LINE_START,
    /** As Oniguruma has it: not at the end of a text that ends in a newline. */
    LINE_START_BEFORE_END,
    LINE_END,
    WORD_BOUNDARY,
    NOT_WORD_BOUNDARY
  }

  /** One character of a set; never matches if it is empty. */
  record Chars(ImmutableRangeSet<Integer> set) implements RegexNode {}

  /** One after the other; the empty match if there are none. */
  record Sequence(List<RegexNode> parts) implements RegexNode {}

  /** The first that leads to a match. */
  record Choice(List<RegexNode> branches) implements RegexNode {}

  /** Many times. */
  record Repeat(RegexNode body, int min, int max, Greediness greediness) implements RegexNode {}

  /** Without backtracking into it. */
  record Atomic(RegexNode body) implements RegexNode {}

  /** A look at what follows or precedes. */
  record Look(RegexNode body, boolean behind, boolean negative) implements RegexNode {}

  /** A place. */
  record Anchor(Place place) implements RegexNode {}

  /** How many characters every match has, or -1 if that varies. */
  default int width() {
    if (this instanceof Chars) {
      return 1;
    }
    if (this instanceof Sequence s) {
      int sum = 0;
      for (RegexNode part : s.parts()) {
        int width = part.width();
        if (width < 0) {
          return -1;
        }
        sum += width;
      }
      return sum;
    }
    if (this instanceof Choice c) {
      int width = c.branches().get(0).width();
      for (RegexNode branch : c.branches()) {
        if (branch.width() != width) {
          return -1;
        }
      }
      return width;
    }
    if (this instanceof Repeat r) {
      int width = r.body().width();
      return width < 0 || r.min() != r.max() ? -1 : width * r.min();
    }
    return this instanceof Atomic a ? a.body().width() : 0;
  }
}

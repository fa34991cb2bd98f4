package io.fundamentallm.samplers.constraint.chat;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/**
 * Any text without a marker, as rules: one for each beginning of the marker that the text may end
 * with (Knuth, Morris, Pratt 1977). Unlike {@link FreeText} it is of characters rather than bytes:
 * an argument is UTF-8.
 */
final class ArgumentText {
  /** The rule of the text. */
  static final String FIRST = "argument 0";

  private final int[] marker;

  private ArgumentText(int[] marker) {
    this.marker = marker;
  }

  /**
   * Adds the rules.
   *
   * @param marker empty for any text
   */
  static void addTo(Map<String, Expression> rules, String marker) {
    ArgumentText text = new ArgumentText(marker.codePoints().toArray());
    for (int state = 0; state < Math.max(1, text.marker.length); state++) {
      rules.put("argument " + state, Expression.anyOf(text.steps(state)));
    }
  }

  /** What can follow a text that ends with so many characters of the marker. */
  private List<Expression> steps(int state) {
    List<Expression> steps = new ArrayList<>(List.of(Expression.EMPTY));
    List<ImmutableRangeSet<Integer>> known = new ArrayList<>();
    for (int c : marker) {
      ImmutableRangeSet<Integer> one = Utf8.set(c);
      int next = after(state, c);
      if (next > 0 && !known.contains(one)) {
        known.add(one);
        if (next < marker.length) {
          steps.add(step(one, next));
        }
      }
    }
    steps.add(step(Utf8.not(Utf8.union(known)), 0));
    return steps;
  }

  private static Expression step(ImmutableRangeSet<Integer> characters, int next) {
    return Expression.sequence(Utf8.of(characters), new Expression.Rule("argument " + next));
  }

  /** How many characters of the marker the text ends with after another character. */
  private int after(int state, int c) {
    for (int length = Math.min(state + 1, marker.length); length > 0; length--) {
      if (marker[length - 1] == c && endsAlike(state, length - 1)) {
        return length;
      }
    }
    return 0;
  }

  /** Whether so many characters of the marker end with so many others, its first. */
  private boolean endsAlike(int state, int length) {
    for (int i = 0; i < length; i++) {
      if (marker[state - length + i] != marker[i]) {
        return false;
      }
    }
    return true;
  }
}

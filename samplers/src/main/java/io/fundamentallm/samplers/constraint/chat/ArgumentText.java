package io.fundamentallm.samplers.constraint.chat;

import com.google.common.collect.ImmutableRangeSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Utf8;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Any text without some markers, as rules: one for each beginning of a marker that the text may end
 * with (Aho, Corasick 1975). Unlike {@link FreeText} it is of characters rather than bytes: an
 * argument is UTF-8.
 */
final class ArgumentText {
  /** The rule of the text. */
  static final String ANY = "argument 0";

  /** The rule of such a text that is not empty. */
  static final String NOT_EMPTY = "argument";

  private final List<String> markers;

  /** Each that the text may end with, the empty one first. */
  private final List<String> beginnings;

  private ArgumentText(List<String> markers) {
    this.markers = markers;
    beginnings =
        markers.stream()
            .flatMap(
                marker ->
                    IntStream.range(0, marker.length()).mapToObj(end -> marker.substring(0, end)))
            .distinct()
            .sorted()
            .toList();
  }

  /**
   * Adds the rules.
   *
   * @param markers of characters that have no surrogates; none for any text
   */
  static void addTo(Map<String, Expression> rules, List<String> markers) {
    ArgumentText text = new ArgumentText(markers);
    List<String> states = markers.isEmpty() ? List.of("") : text.beginnings;
    for (int state = 0; state < states.size(); state++) {
      List<Expression> steps = text.steps(states.get(state));
      if (state == 0) {
        rules.put(NOT_EMPTY, Expression.anyOf(steps));
      }
      List<Expression> more = new ArrayList<>(List.of(Expression.EMPTY));
      more.addAll(steps);
      rules.put("argument " + state, Expression.anyOf(more));
    }
  }

  /** What can follow a text that ends with this beginning. */
  private List<Expression> steps(String beginning) {
    List<Expression> steps = new ArrayList<>();
    List<ImmutableRangeSet<Integer>> known = new ArrayList<>();
    markers.stream()
        .flatMapToInt(String::chars)
        .distinct()
        .forEach(
            c -> {
              String text = beginning + (char) c;
              String next = next(text);
              if (next == null || !next.isEmpty()) {
                known.add(Utf8.set(c));
              }
              if (next != null && !next.isEmpty()) {
                steps.add(step(Utf8.set(c), beginnings.indexOf(next)));
              }
            });
    steps.add(step(Utf8.not(Utf8.union(known)), 0));
    return steps;
  }

  /** The longest beginning that a text ends with; null if it ends with a marker. */
  private @Nullable String next(String text) {
    if (markers.stream().anyMatch(text::endsWith)) {
      return null;
    }
    String rest = text;
    while (!beginnings.contains(rest)) {
      rest = rest.substring(1);
    }
    return rest;
  }

  private static Expression step(ImmutableRangeSet<Integer> characters, int next) {
    return Expression.sequence(Utf8.of(characters), new Expression.Rule("argument " + next));
  }
}

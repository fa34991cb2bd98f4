package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.IntPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Any bytes until one of several patterns, as rules: one for each beginning of a pattern that the
 * text may end with (Aho, Corasick: "Efficient string matching", 1975).
 */
final class FreeText {
  /**
   * What a pattern leads to.
   *
   * @param pattern not empty
   * @param then what follows it; null if the pattern may not be completed
   */
  record Pattern(byte[] pattern, @Nullable Expression then) {}

  private final List<Pattern> patterns;

  /** [states][256] the next state; -1 for none. */
  private final List<int[]> next = new ArrayList<>();

  /** [states] the pattern that ends there; -1 for none. */
  private final List<Integer> ends = new ArrayList<>();

  FreeText(List<Pattern> patterns) {
    this.patterns = patterns;
    state();
    for (int i = 0; i < patterns.size(); i++) {
      insert(patterns.get(i).pattern(), i);
    }
    link();
  }

  /**
   * Adds the rules, the first of which is {@code name 0}.
   *
   * @param isEnd whether the text may be the last of the answer
   * @return the names of the rules
   */
  List<String> addTo(Map<String, Expression> rules, String name, boolean isEnd) {
    List<String> added = new ArrayList<>();
    for (int state = 0; state < next.size(); state++) {
      if (ends.get(state) >= 0) {
        continue;
      }
      List<Expression> alternatives = new ArrayList<>();
      if (isEnd) {
        alternatives.add(Expression.EMPTY);
      }
      alternatives.addAll(steps(state, name, value -> true));
      rules.put(name + " " + state, Expression.anyOf(alternatives));
      added.add(name + " " + state);
    }
    return added;
  }

  /**
   * What can follow the text in a state.
   *
   * @param name of the rules
   * @param allowed which bytes may be next
   */
  List<Expression> steps(int state, String name, IntPredicate allowed) {
    Map<Integer, ByteSet> targets = new LinkedHashMap<>();
    for (int value = 0; value < 256; value++) {
      boolean free = !MarkerBytes.FREE.contains(value) || next.get(state)[value] > 0;
      if (free && allowed.test(value)) {
        targets.merge(next.get(state)[value], ByteSet.of(value), ByteSet::or);
      }
    }
    List<Expression> steps = new ArrayList<>();
    targets.forEach(
        (target, values) -> {
          int ended = ends.get(target);
          Expression then =
              ended < 0 ? new Expression.Rule(name + " " + target) : patterns.get(ended).then();
          if (then != null) {
            steps.add(Expression.sequence(new Expression.Bytes(values), then));
          }
        });
    return steps;
  }

  /** The state after a byte, from 0 at the beginning. */
  int after(int state, int value) {
    return next.get(state)[value];
  }

  /** Which pattern ends in a state; -1 for none. */
  int end(int state) {
    return ends.get(state);
  }

  private int state() {
    int[] none = new int[256];
    Arrays.fill(none, -1);
    next.add(none);
    ends.add(-1);
    return next.size() - 1;
  }

  private void insert(byte[] pattern, int index) {
    int state = 0;
    for (byte b : pattern) {
      int value = b & 0xFF;
      if (next.get(state)[value] < 0) {
        int made = state();
        next.get(state)[value] = made;
      }
      state = next.get(state)[value];
    }
    ends.set(state, ends.get(state) < 0 ? index : ends.get(state));
  }

  /**
   * Replaces missing transitions by those of the longest other beginning that the text ends with.
   */
  private void link() {
    int[] fallback = new int[next.size()];
    List<Integer> order = new ArrayList<>(List.of(0));
    for (int i = 0; i < order.size(); i++) {
      int state = order.get(i);
      for (int value = 0; value < 256; value++) {
        int target = next.get(state)[value];
        int other = state == 0 ? 0 : next.get(fallback[state])[value];
        if (target < 0) {
          next.get(state)[value] = other;
        } else {
          fallback[target] = other;
          if (ends.get(target) < 0) {
            ends.set(target, ends.get(other));
          }
          order.add(target);
        }
      }
    }
  }
}

package io.fundamentallm.samplers.constraint.chat;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Free text that does not begin with any of some ASCII texts, which may have white space before and
 * behind their first character.
 */
final class Beginning {
  private static final String WHITE = " \n\r\t";

  private final List<String> refused;
  private final FreeText rest;
  private final String restName;

  /**
   * The text.
   *
   * @param rest the text that it is where it is certain that none of them begins it
   * @param restName of its rules
   */
  Beginning(List<String> refused, FreeText rest, String restName) {
    this.refused = refused;
    this.rest = rest;
    this.restName = restName;
  }

  Expression addTo(Map<String, Expression> rules, String name) {
    return after(refused, 0, 0, rules, name);
  }

  /**
   * After so many characters of each of these.
   *
   * @param state of the rest's text
   */
  private Expression after(
      List<String> alike, int at, int state, Map<String, Expression> rules, String name) {
    Map<Integer, List<String>> longer = new TreeMap<>();
    for (String text : alike) {
      longer.computeIfAbsent((int) text.charAt(at), key -> new ArrayList<>()).add(text);
    }
    boolean white = at <= 1;
    List<Expression> alternatives = new ArrayList<>(List.of(Expression.EMPTY));
    alternatives.addAll(
        rest.steps(
            state,
            restName,
            value -> !longer.containsKey(value) && !(white && WHITE.indexOf(value) >= 0)));
    Expression self = new Expression.Rule(name);
    for (int i = 0; i < WHITE.length() && white; i++) {
      alternatives.add(
          Expression.sequence(new Expression.Bytes(ByteSet.of(WHITE.charAt(i))), self));
    }
    longer.forEach(
        (value, texts) -> {
          if (texts.stream().allMatch(text -> text.length() > at + 1)) {
            Expression then =
                after(
                    texts, at + 1, rest.after(state, value), rules, name + (char) value.intValue());
            alternatives.add(Expression.sequence(new Expression.Bytes(ByteSet.of(value)), then));
          }
        });
    rules.put(name, Expression.anyOf(alternatives));
    return self;
  }
}

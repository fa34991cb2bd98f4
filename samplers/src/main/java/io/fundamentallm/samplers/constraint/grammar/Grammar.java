package io.fundamentallm.samplers.constraint.grammar;

import java.util.ArrayDeque;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * A context-free grammar over bytes, which every notation is compiled to. Immutable.
 *
 * @param rules what each name stands for, in the order they were written
 * @param root the rule that describes the whole text
 */
public record Grammar(Map<String, Expression> rules, String root) {
  public Grammar {
    rules = Collections.unmodifiableMap(new LinkedHashMap<>(rules));
  }

  /** The language of one expression without rules. */
  public static Grammar of(Expression expression) {
    return new Grammar(Map.of("root", expression), "root");
  }

  /**
   * The language of one expression.
   *
   * @param known rules, of which the grammar has those that the expression needs
   */
  public static Grammar of(Expression expression, Map<String, Expression> known) {
    String root = "the whole"; // no other rule name has a space and no number
    Map<String, Expression> needed = new LinkedHashMap<>();
    needed.put(root, expression);
    Set<Expression> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    ArrayDeque<Expression> waiting = new ArrayDeque<>(List.of(expression));
    for (Expression next = waiting.poll(); next != null; next = waiting.poll()) {
      Interruption.check();
      if (!seen.add(next)) {
        continue; // a part may be in many places
      }
      waiting.addAll(Expression.within(next));
      if (next instanceof Expression.Rule rule && !needed.containsKey(rule.name())) {
        Expression body = known.getOrDefault(rule.name(), Expression.NEVER);
        needed.put(rule.name(), body);
        waiting.add(body);
      }
    }
    return new Grammar(needed, root);
  }
}

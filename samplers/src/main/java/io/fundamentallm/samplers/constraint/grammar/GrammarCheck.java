package io.fundamentallm.samplers.constraint.grammar;

import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.IdentityHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;

/**
 * Checks a grammar before it is compiled: every rule must exist, and the root must be able to end.
 */
public final class GrammarCheck {
  /** A group of a notation is a repetition of alternatives of sequences. */
  private static final int EXPRESSIONS_A_LEVEL = 4;

  /** How many of them an error names. */
  private static final int REASONS = 3;

  private final Grammar grammar;
  private final Set<String> endingRules = new HashSet<>();
  private final Set<String> emptyRules = new HashSet<>();
  private final IdentityHashMap<Expression, Boolean> ending = new IdentityHashMap<>();
  private final IdentityHashMap<Expression, Boolean> empty = new IdentityHashMap<>();
  private int expressions;

  public GrammarCheck(Grammar grammar) {
    this.grammar = grammar;
    if (!grammar.rules().containsKey(grammar.root())) {
      throw new IllegalArgumentException("there is no rule \"" + grammar.root() + "\"");
    }
    Map<String, Set<String>> users = users();
    grow(endingRules, users, this::computeEnds);
    grow(emptyRules, users, this::computeEmpty);
    if (!endingRules.contains(grammar.root())) {
      throw new IllegalArgumentException("no text can be finished: " + reasons());
    }
  }

  /** What the root needs and cannot have. */
  private String reasons() {
    Set<String> reasons = new LinkedHashSet<>();
    Set<String> rules = new HashSet<>();
    String recursive = grammar.root();
    ArrayDeque<Expression> waiting = new ArrayDeque<>();
    waiting.add(new Expression.Rule(grammar.root()));
    while (!waiting.isEmpty()) {
      Interruption.check();
      Expression next = waiting.poll();
      if (next instanceof Expression.Never never && !never.reason().isEmpty()) {
        reasons.add(never.reason());
      } else if (next instanceof Expression.Rule rule && rules.add(rule.name())) {
        waiting.add(grammar.rules().getOrDefault(rule.name(), Expression.NEVER));
      } else if (next instanceof Expression.Rule rule) {
        recursive = rule.name();
      }
      for (Expression part : Expression.within(next)) {
        if (!canEnd(part)) {
          waiting.add(part);
        }
      }
    }
    return reasons.isEmpty()
        ? "rule \""
            + recursive
            + "\" needs itself, or something impossible, without another way out"
        : reasons.stream().limit(REASONS).collect(Collectors.joining("; "));
  }

  /** Whether any text matches an expression, by these rules. */
  public static boolean canEnd(Expression expression, Map<String, Expression> rules) {
    Grammar grammar = Grammar.of(Expression.optional(expression), rules);
    return new GrammarCheck(grammar).canEnd(expression);
  }

  /** Whether any text matches it. */
  public boolean canEnd(Expression expression) {
    return ending.computeIfAbsent(expression, this::computeEnds);
  }

  /** Whether the empty text matches it. */
  public boolean canBeEmpty(Expression expression) {
    return empty.computeIfAbsent(expression, this::computeEmpty);
  }

  private Map<String, Set<String>> users() {
    Map<String, Set<String>> users = new HashMap<>();
    grammar
        .rules()
        .forEach(
            (name, body) ->
                visit(
                    body,
                    0,
                    called -> {
                      if (!grammar.rules().containsKey(called)) {
                        throw new IllegalArgumentException(
                            "rule \"" + name + "\" uses \"" + called + "\", which is not defined");
                      }
                      users.computeIfAbsent(called, key -> new HashSet<>()).add(name);
                    }));
    return users;
  }

  private void visit(Expression expression, int depth, Consumer<String> rules) {
    Interruption.check();
    if (++expressions > Limits.EXPRESSIONS) {
      throw Limits.exceeded("too large", Limits.EXPRESSIONS, "expressions");
    }
    if (depth > EXPRESSIONS_A_LEVEL * Limits.NESTING) {
      throw Limits.exceeded("too deep", Limits.NESTING, "expressions within each other");
    }
    if (expression instanceof Expression.Rule rule) {
      rules.accept(rule.name());
    }
    for (Expression part : Expression.within(expression)) {
      visit(part, depth + 1, rules);
    }
  }

  /** The least fixed point: a rule is checked again when one that it uses was added. */
  private void grow(
      Set<String> rules, Map<String, Set<String>> users, Predicate<Expression> holds) {
    ArrayDeque<String> waiting = new ArrayDeque<>(grammar.rules().keySet());
    Set<String> queued = new HashSet<>(waiting);
    while (!waiting.isEmpty()) {
      Interruption.check();
      String name = waiting.poll();
      queued.remove(name);
      Expression body = grammar.rules().get(name);
      if (body != null && !rules.contains(name) && holds.test(body)) {
        rules.add(name);
        for (String user : users.getOrDefault(name, Set.of())) {
          if (queued.add(user)) {
            waiting.add(user);
          }
        }
      }
    }
  }

  private boolean computeEnds(Expression expression) {
    if (expression instanceof Expression.Rule rule) {
      return endingRules.contains(rule.name());
    } else if (expression instanceof Expression.Repeat repeat) {
      return repeat.min() == 0 || computeEnds(repeat.body());
    } else if (expression instanceof Expression.Sequence sequence) {
      boolean all = true;
      for (int i = 0; all && i < sequence.parts().size(); i++) {
        all = computeEnds(sequence.parts().get(i));
      }
      return all;
    } else if (expression instanceof Expression.Alternatives any) {
      boolean one = false;
      for (int i = 0; !one && i < any.parts().size(); i++) {
        one = computeEnds(any.parts().get(i));
      }
      return one;
    }
    return !(expression instanceof Expression.Never);
  }

  private boolean computeEmpty(Expression expression) {
    if (expression instanceof Expression.Rule rule) {
      return emptyRules.contains(rule.name());
    } else if (expression instanceof Expression.Repeat repeat) {
      return repeat.min() == 0 || computeEmpty(repeat.body());
    } else if (expression instanceof Expression.Sequence sequence) {
      boolean all = true;
      for (int i = 0; all && i < sequence.parts().size(); i++) {
        all = computeEmpty(sequence.parts().get(i));
      }
      return all;
    } else if (expression instanceof Expression.Alternatives any) {
      boolean one = false;
      for (int i = 0; !one && i < any.parts().size(); i++) {
        one = computeEmpty(any.parts().get(i));
      }
      return one;
    }
    return false;
  }
}

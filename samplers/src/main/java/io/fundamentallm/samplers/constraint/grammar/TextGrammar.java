package io.fundamentallm.samplers.constraint.grammar;

import java.util.IdentityHashMap;
import java.util.List;
import java.util.Map;

/**
 * What a whole text may be.
 *
 * @param grammar its grammar
 * @param freeNames whether it is JSON in which an object could have a name twice, and must not
 */
public record TextGrammar(Grammar grammar, boolean freeNames) {
  /** A text that is not JSON, or JSON whose names are all given. */
  public static TextGrammar of(Grammar grammar) {
    return new TextGrammar(grammar, false);
  }

  /**
   * The text as a part of another grammar.
   *
   * @param rules of that grammar, to which its rules are added
   * @param prefix of their names, which no other rule's name begins with
   */
  public Expression within(Map<String, Expression> rules, String prefix) {
    IdentityHashMap<Expression, Expression> done =
        new IdentityHashMap<>(); // a part may be in many places
    grammar.rules().forEach((name, body) -> rules.put(prefix + name, renamed(body, prefix, done)));
    return new Expression.Rule(prefix + grammar.root());
  }

  private static Expression renamed(
      Expression expression, String prefix, IdentityHashMap<Expression, Expression> done) {
    Interruption.check();
    Expression known = done.get(expression);
    if (known != null) {
      return known;
    }
    Expression renamed = expression;
    if (expression instanceof Expression.Rule rule) {
      renamed = new Expression.Rule(prefix + rule.name());
    } else if (expression instanceof Expression.Sequence sequence) {
      renamed = new Expression.Sequence(renamed(sequence.parts(), prefix, done));
    } else if (expression instanceof Expression.Alternatives any) {
      renamed = new Expression.Alternatives(renamed(any.parts(), prefix, done));
    } else if (expression instanceof Expression.Repeat repeat) {
      renamed =
          new Expression.Repeat(renamed(repeat.body(), prefix, done), repeat.min(), repeat.max());
    }
    done.put(expression, renamed);
    return renamed;
  }

  private static List<Expression> renamed(
      List<Expression> parts, String prefix, IdentityHashMap<Expression, Expression> done) {
    return parts.stream().map(part -> renamed(part, prefix, done)).toList();
  }
}

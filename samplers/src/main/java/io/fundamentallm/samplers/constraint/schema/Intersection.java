package io.fundamentallm.samplers.constraint.schema;

import io.fundamentallm.samplers.constraint.automaton.Machine;
import io.fundamentallm.samplers.constraint.automaton.Program;
import io.fundamentallm.samplers.constraint.automaton.State;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The texts of two regular expressions, as the product of their determinised automatons: a rule for
 * each pair of states.
 */
final class Intersection {
  /** Pairs of states, for a whole schema. */
  private static final int PAIRS = 15_000;

  private record Pair(State left, State right) {}

  private final SchemaCompiler compiler;
  private final Schema schema;
  private final Map<Pair, String> rules = new HashMap<>();
  private final ArrayDeque<Pair> waiting = new ArrayDeque<>();

  private Intersection(SchemaCompiler compiler, Schema schema) {
    this.compiler = compiler;
    this.schema = schema;
  }

  /**
   * What both allow.
   *
   * @param schema whose keywords they are, for errors
   */
  static Expression of(SchemaCompiler compiler, Schema schema, Expression one, Expression other) {
    return new Intersection(compiler, schema)
        .expression(machine(compiler, one), machine(compiler, other));
  }

  private static Machine machine(SchemaCompiler compiler, Expression expression) {
    return new Machine(Program.compile(Grammar.of(expression, compiler.json.rules)), 1);
  }

  private Expression expression(Machine left, Machine right) {
    String start = rule(new Pair(left.start(), right.start()));
    for (Pair pair = waiting.poll(); pair != null; pair = waiting.poll()) {
      Expression body = body(left, right, pair);
      compiler.charge(body);
      compiler.json.rules.put(rule(pair), body);
    }
    return new Expression.Rule(start);
  }

  private String rule(Pair pair) {
    String known = rules.get(pair);
    if (known == null) {
      if (++compiler.pairs > PAIRS) {
        throw Limits.exceeded(
            schema.path() + ", keywords for strings together", PAIRS, "states once combined");
      }
      known = compiler.name(schema.path() + " both");
      rules.put(pair, known);
      waiting.add(pair);
    }
    return known;
  }

  private Expression body(Machine left, Machine right, Pair pair) {
    Map<String, ByteSet> edges = new LinkedHashMap<>();
    for (int value = 0; value < 256; value++) {
      Interruption.check(); // a step can be long, and this class cannot bound its memory
      State one = left.step(pair.left(), value);
      State other = one == null ? null : right.step(pair.right(), value);
      if (one != null && other != null) {
        edges.merge(rule(new Pair(one, other)), ByteSet.of(value), ByteSet::or);
      }
    }
    List<Expression> alternatives = new ArrayList<>();
    if (pair.left().accepts() && pair.right().accepts()) {
      alternatives.add(Expression.EMPTY);
    }
    edges.forEach(
        (next, set) ->
            alternatives.add(
                Expression.sequence(new Expression.Bytes(set), new Expression.Rule(next))));
    return Expression.anyOf(alternatives);
  }
}

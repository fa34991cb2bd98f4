package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** Small grammars over the letters a and b, of every shape: ambiguous, nullable, left recursive. */
final class RandomGrammars {
  private final Random random;
  private final int rules;

  private RandomGrammars(Random random) {
    this.random = random;
    this.rules = 1 + random.nextInt(4);
  }

  static Grammar next(Random random) {
    RandomGrammars grammars = new RandomGrammars(random);
    Map<String, Expression> bodies = new LinkedHashMap<>();
    for (int i = 0; i < grammars.rules; i++) {
      bodies.put("r" + i, grammars.alternatives(2, 1 + random.nextInt(3)));
    }
    return new Grammar(bodies, "r0");
  }

  private Expression alternatives(int depth, int size) {
    List<Expression> parts = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      parts.add(sequence(depth, random.nextInt(4)));
    }
    return new Expression.Alternatives(parts);
  }

  private Expression sequence(int depth, int size) {
    List<Expression> parts = new ArrayList<>();
    for (int i = 0; i < size; i++) {
      parts.add(part(depth));
    }
    return new Expression.Sequence(parts);
  }

  private Expression part(int depth) {
    int kind = random.nextInt(depth > 0 ? 10 : 7);
    if (kind < 3) {
      return new Expression.Bytes(random.nextInt(4) > 0 ? letter() : ByteSet.range('a', 'b'));
    } else if (kind < 7) {
      return new Expression.Rule("r" + random.nextInt(rules));
    } else if (kind == 7) {
      return alternatives(depth - 1, random.nextInt(3));
    }
    int min = random.nextInt(3);
    int max = random.nextBoolean() ? Expression.UNLIMITED : min + random.nextInt(5);
    return new Expression.Repeat(part(depth - 1), min, max);
  }

  private ByteSet letter() {
    return ByteSet.of('a' + random.nextInt(2));
  }
}

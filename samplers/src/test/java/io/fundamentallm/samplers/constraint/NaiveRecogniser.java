package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/**
 * Says what belongs to a grammar by its definition: where each rule can end that begins at some
 * place of the text, as a least fixed point, and which texts begin with it. It has no stack, no
 * network and no states. Places are bits; a text has 62 bytes at most.
 */
final class NaiveRecogniser {
  private final List<String> names;
  private final List<Expression> bodies;
  private final Set<String> ending = new HashSet<>();
  private final int root;
  private byte[] text = {};

  /** [rules][places] where a rule can end that begins at a place. */
  private long[][] ends = {};

  /** [rules] the places from which on the text is the beginning of a rule's. */
  private long[] begun = {};

  NaiveRecogniser(Grammar grammar) {
    names = new ArrayList<>(grammar.rules().keySet());
    bodies = new ArrayList<>(grammar.rules().values());
    root = names.indexOf(grammar.root());
    boolean grew = true;
    while (grew) {
      grew = false;
      for (int rule = 0; rule < names.size(); rule++) {
        grew |= canEnd(bodies.get(rule)) && ending.add(names.get(rule));
      }
    }
  }

  private boolean canEnd(Expression expression) {
    if (expression instanceof Expression.Rule rule) {
      return ending.contains(rule.name());
    } else if (expression instanceof Expression.Sequence sequence) {
      return sequence.parts().stream().allMatch(this::canEnd);
    } else if (expression instanceof Expression.Alternatives any) {
      return any.parts().stream().anyMatch(this::canEnd);
    } else if (expression instanceof Expression.Never) {
      return false;
    }
    return !(expression instanceof Expression.Repeat repeat)
        || repeat.min() == 0
        || canEnd(repeat.body());
  }

  /** Whether the text belongs to the language. */
  boolean accepts(byte[] whole) {
    read(whole);
    return has(ends[root][0], whole.length);
  }

  /** Whether a text of the language begins so. */
  boolean begins(byte[] whole) {
    read(whole);
    return has(begun[root], 0);
  }

  private static boolean has(long places, int place) {
    return (places >>> place & 1) != 0;
  }

  private void read(byte[] whole) {
    if (ends.length > 0 && java.util.Arrays.equals(text, whole)) {
      return;
    }
    text = whole.clone();
    ends = new long[names.size()][text.length + 1];
    begun = new long[names.size()];
    for (int from = text.length; from >= 0; from--) {
      boolean grew = true;
      while (grew) {
        grew = false;
        for (int rule = 0; rule < names.size(); rule++) {
          long more = ends(bodies.get(rule), from);
          boolean begins = begun(bodies.get(rule), from);
          grew |= more != ends[rule][from] || begins != has(begun[rule], from);
          ends[rule][from] = more;
          begun[rule] |= begins ? 1L << from : 0;
        }
      }
    }
  }

  private long ends(Expression expression, int from) {
    if (expression instanceof Expression.Bytes bytes) {
      boolean reads = from < text.length && bytes.set().contains(text[from] & 0xFF);
      return reads ? 2L << from : 0;
    } else if (expression instanceof Expression.Rule rule) {
      return ends[names.indexOf(rule.name())][from];
    } else if (expression instanceof Expression.Sequence sequence) {
      long reached = 1L << from;
      for (Expression part : sequence.parts()) {
        reached = after(part, reached);
      }
      return reached;
    } else if (expression instanceof Expression.Alternatives any) {
      long all = 0;
      for (Expression part : any.parts()) {
        all |= ends(part, from);
      }
      return all;
    } else if (expression instanceof Expression.Never) {
      return 0;
    }
    Expression.Repeat repeat = (Expression.Repeat) expression;
    long reached = 1L << from;
    long all = 0;
    for (int run = 0; run <= runs(repeat); run++) {
      all |= run >= repeat.min() ? reached : 0;
      reached = after(repeat.body(), reached);
    }
    return all;
  }

  private long after(Expression part, long places) {
    long after = 0;
    for (long left = places; left != 0; left &= left - 1) {
      after |= ends(part, Long.numberOfTrailingZeros(left));
    }
    return after;
  }

  /** Runs that make a difference: those that the minimum asks for, and each byte of the text. */
  private int runs(Expression.Repeat repeat) {
    return (int) Math.min(repeat.max(), (long) repeat.min() + text.length + 1);
  }

  private boolean begun(Expression expression, int from) {
    if (!canEnd(expression)) {
      return false;
    } else if (from == text.length) {
      return true;
    } else if (expression instanceof Expression.Bytes bytes) {
      return from == text.length - 1 && bytes.set().contains(text[from] & 0xFF);
    } else if (expression instanceof Expression.Rule rule) {
      return has(begun[names.indexOf(rule.name())], from);
    } else if (expression instanceof Expression.Alternatives any) {
      return any.parts().stream().anyMatch(part -> begun(part, from));
    }
    long reached = 1L << from;
    if (expression instanceof Expression.Sequence sequence) {
      for (Expression part : sequence.parts()) {
        if (anyBegun(part, reached)) {
          return true;
        }
        reached = after(part, reached);
      }
    } else if (expression instanceof Expression.Repeat repeat) {
      for (int run = 0; run < runs(repeat); run++) {
        if (anyBegun(repeat.body(), reached)) {
          return true;
        }
        reached = after(repeat.body(), reached);
      }
    }
    return has(reached, text.length);
  }

  private boolean anyBegun(Expression part, long places) {
    for (long left = places; left != 0; left &= left - 1) {
      if (begun(part, Long.numberOfTrailingZeros(left))) {
        return true;
      }
    }
    return false;
  }
}

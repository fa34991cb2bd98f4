package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.samplers.constraint.automaton.Program.Call;
import io.fundamentallm.samplers.constraint.automaton.Program.Count;
import io.fundamentallm.samplers.constraint.automaton.Program.Mark;
import io.fundamentallm.samplers.constraint.automaton.Program.Node;
import io.fundamentallm.samplers.constraint.automaton.Program.Read;
import io.fundamentallm.samplers.constraint.automaton.Program.Split;
import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.GrammarCheck;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Turns a {@link Grammar} into a {@link Program}, each expression from its end to its beginning, as
 * Thompson's construction does (Thompson: "Regular expression search algorithm", 1968). Leaves out
 * rules that the root does not reach, and alternatives that no text can finish.
 */
final class ProgramCompiler {
  /** Up to this many copies are written out: a few nodes are cheaper than a counting frame. */
  private static final int COPIES = 3;

  private static final long[] NO_CLASSES = {};

  private final Grammar grammar;
  private final GrammarCheck check;
  private final List<Node> nodes = new ArrayList<>();
  private final Map<String, Integer> begins = new HashMap<>();
  private final ArrayDeque<String> waiting = new ArrayDeque<>();
  private final Set<String> markedRules;
  private final BitSet marked = new BitSet();
  private int visits;

  ProgramCompiler(Grammar grammar, Set<String> markedRules) {
    this.grammar = grammar;
    this.markedRules = markedRules;
    this.check = new GrammarCheck(grammar);
  }

  Program compile() {
    nodes.add(new Mark()); // ACCEPT
    nodes.add(new Mark()); // RETURN
    int start = add(new Call(begin(grammar.root()), Program.ACCEPT));
    for (String name = waiting.poll(); name != null; name = waiting.poll()) {
      Expression body = grammar.rules().getOrDefault(name, Expression.NEVER);
      int from = nodes.size();
      nodes.set(begin(name), new Split(new int[] {node(body, Program.RETURN)}));
      if (markedRules.contains(name)) {
        marked.set(from, nodes.size()); // those that begin other rules read nothing
      }
    }
    return withClasses(start);
  }

  private int add(Node node) {
    if (nodes.size() >= Limits.POSITIONS) {
      throw Limits.exceeded("too large", Limits.POSITIONS, "positions once compiled");
    }
    nodes.add(node);
    return nodes.size() - 1;
  }

  /** The node that a rule begins at; its body is compiled later. */
  private int begin(String rule) {
    Integer known = begins.get(rule);
    if (known == null) {
      known = add(new Split(new int[0]));
      begins.put(rule, known);
      waiting.add(rule);
    }
    return known;
  }

  /** The node that reads the expression, which can end, and continues at another. */
  private int node(Expression expression, int next) {
    Interruption.check();
    if (++visits > Limits.EXPRESSIONS) { // what adds no node could be copied endlessly
      throw Limits.exceeded("too large", Limits.EXPRESSIONS, "expressions, copies included");
    }
    if (expression instanceof Expression.Bytes bytes) {
      return add(new Read(bytes.set(), NO_CLASSES, next));
    } else if (expression instanceof Expression.Rule rule) {
      return add(new Call(begin(rule.name()), next));
    } else if (expression instanceof Expression.Sequence sequence) {
      int node = next;
      for (int i = sequence.parts().size() - 1; i >= 0; i--) {
        node = node(sequence.parts().get(i), node);
      }
      return node;
    } else if (expression instanceof Expression.Alternatives any) {
      return any(any.parts(), next);
    }
    return repeat((Expression.Repeat) expression, next);
  }

  private int any(List<Expression> parts, int next) {
    ByteSet single = ByteSet.EMPTY;
    List<Integer> targets = new ArrayList<>();
    for (Expression part : parts) {
      if (part instanceof Expression.Bytes bytes) {
        single = single.or(bytes.set());
      } else if (check.canEnd(part)) {
        targets.add(node(part, next));
      }
    }
    if (single.size() > 0) {
      targets.add(add(new Read(single, NO_CLASSES, next)));
    }
    return targets.size() == 1
        ? targets.get(0)
        : add(new Split(targets.stream().mapToInt(Integer::intValue).toArray()));
  }

  private int repeat(Expression.Repeat repeat, int next) {
    Expression body = repeat.body();
    if (repeat.max() == 0 || !check.canEnd(body)) {
      return next;
    }
    boolean empty = check.canBeEmpty(body);
    boolean limited = repeat.max() != Expression.UNLIMITED;
    int copies = limited ? repeat.max() : repeat.min();
    if (copies > COPIES && !empty) {
      int counted = node(body, Program.RETURN);
      return add(new Count(counted, repeat.min(), repeat.max(), next));
    }
    if (copies > Limits.EMPTY_COPIES) {
      throw Limits.exceeded(
          "a repeated part that can be empty", Limits.EMPTY_COPIES, "times (write * instead)");
    }
    int node = limited ? next : loop(body, next);
    for (int i = copies; i > 0; i--) {
      int again = node(body, node);
      node = i > repeat.min() ? add(new Split(new int[] {again, next})) : again;
    }
    return node;
  }

  private int loop(Expression body, int next) {
    int loop = add(new Split(new int[0]));
    nodes.set(loop, new Split(new int[] {node(body, loop), next}));
    return loop;
  }

  /** Divides the bytes into classes that no set tells apart. */
  private Program withClasses(int start) {
    Set<ByteSet> sets = new LinkedHashSet<>();
    for (Node node : nodes) {
      if (node instanceof Read read) {
        sets.add(read.set());
      }
    }
    int[] classOf = new int[256];
    int count = 1;
    for (ByteSet set : sets) {
      Interruption.check();
      Map<Integer, Integer> inside = new HashMap<>();
      int[] sizes = new int[count];
      int[] members = new int[count];
      for (int value = 0; value < 256; value++) {
        sizes[classOf[value]]++;
        members[classOf[value]] += set.contains(value) ? 1 : 0;
      }
      for (int value = 0; value < 256; value++) {
        int old = classOf[value];
        if (set.contains(value) && members[old] < sizes[old]) {
          Integer split = inside.get(old);
          if (split == null) {
            split = count++;
            inside.put(old, split);
          }
          classOf[value] = split;
        }
      }
    }
    byte[] classes = new byte[256];
    for (int value = 0; value < 256; value++) {
      classes[value] = (byte) classOf[value];
    }
    return new Program(withClasses(sets, classOf), start, classes, count, marked);
  }

  private Node[] withClasses(Set<ByteSet> sets, int[] classOf) {
    Map<ByteSet, long[]> inClasses = new HashMap<>();
    for (ByteSet set : sets) {
      long[] bits = new long[4];
      for (int value = 0; value < 256; value++) {
        if (set.contains(value)) {
          bits[classOf[value] >> 6] |= 1L << classOf[value];
        }
      }
      inClasses.put(set, bits);
    }
    Node[] finished = new Node[nodes.size()];
    for (int i = 0; i < finished.length; i++) {
      Node node = nodes.get(i);
      finished[i] =
          node instanceof Read read
              ? new Read(read.set(), inClasses.getOrDefault(read.set(), NO_CLASSES), read.next())
              : node;
    }
    return finished;
  }
}

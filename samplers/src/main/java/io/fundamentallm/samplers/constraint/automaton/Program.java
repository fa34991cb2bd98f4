package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.samplers.constraint.grammar.ByteSet;
import io.fundamentallm.samplers.constraint.grammar.Expression;
import io.fundamentallm.samplers.constraint.grammar.Grammar;
import io.fundamentallm.samplers.constraint.grammar.Interruption;
import java.util.BitSet;
import java.util.Set;

/**
 * A compiled grammar: a transition network whose edges read a byte, continue without one, or call a
 * rule that returns. Immutable and thread-safe.
 *
 * @param nodes the network
 * @param start where the text begins; a call of the root rule
 * @param classes the class of each byte value: bytes that no node tells apart
 * @param classCount how many classes there are
 * @param marked the nodes of the rules that were asked for
 */
public record Program(Node[] nodes, int start, byte[] classes, int classCount, BitSet marked) {
  /** The node at which the text may end. */
  static final int ACCEPT = 0;

  /** The node at which a rule returns to its caller. */
  public static final int RETURN = 1;

  /** One node of the network. */
  public sealed interface Node {}

  /** The node at {@link #ACCEPT} and {@link #RETURN}, which need no data. */
  record Mark() implements Node {}

  /**
   * Reads a byte.
   *
   * @param set which bytes
   * @param classes the same as classes of bytes; bit c % 64 of word c / 64
   * @param next the node after it
   */
  record Read(ByteSet set, long[] classes, int next) implements Node {
    boolean reads(int byteClass) {
      return (classes[byteClass >> 6] >>> byteClass & 1) != 0;
    }
  }

  /**
   * Continues at each of the targets.
   *
   * @param targets nodes
   */
  public record Split(int[] targets) implements Node {}

  /**
   * Runs a rule, then continues.
   *
   * @param body where the rule begins
   * @param next the node after it
   */
  record Call(int body, int next) implements Node {}

  /**
   * Runs a body that reads at least one byte, min to max times. The frame counts.
   *
   * @param body where it begins
   * @param min at least 0
   * @param max at least 1; {@link Expression#UNLIMITED} for no limit
   * @param next the node after it
   */
  record Count(int body, int min, int max, int next) implements Node {
    /**
     * The number of runs to remember for this one: numbers that no future can tell apart are one.
     */
    int counted(int runs) {
      return max == Expression.UNLIMITED ? Math.min(runs, min) : runs;
    }

    /** As {@link #counted}, when only this many bytes are looked at. */
    int counted(int runs, int bytesAhead) {
      if (runs < min) {
        return min - runs > bytesAhead ? 0 : runs;
      }
      return max == Expression.UNLIMITED || max - runs > bytesAhead ? min : runs;
    }
  }

  public static Program compile(Grammar grammar) {
    return compile(grammar, Set.of());
  }

  /** As {@link #compile(Grammar)}; remembers which nodes the bodies of some rules became. */
  public static Program compile(Grammar grammar, Set<String> marked) {
    return new ProgramCompiler(grammar, marked).compile();
  }

  /** A membership test, for what compilers have to decide. */
  public boolean accepts(String text) {
    byte[] bytes = text.getBytes(java.nio.charset.StandardCharsets.UTF_8);
    Machine machine = new Machine(this, Math.max(1, bytes.length));
    State state = machine.start();
    for (int i = 0; i < bytes.length && state != null; i++) {
      Interruption.check();
      state = machine.step(state, bytes[i] & 0xFF);
    }
    return state != null && state.accepts();
  }
}

package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.automaton.Program.Call;
import io.fundamentallm.samplers.constraint.automaton.Program.Count;
import io.fundamentallm.samplers.constraint.automaton.Program.Node;
import io.fundamentallm.samplers.constraint.automaton.Program.Read;
import io.fundamentallm.samplers.constraint.automaton.Program.Split;
import io.fundamentallm.samplers.constraint.automaton.Stack.Link;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Follows everything that reads no byte, between two bytes. A body that is called in several ways
 * runs once, on a stack that the calls share. So each place of the text has at most one stack per
 * body, no stack has more links than there are stacks before it, and nothing is looked at twice:
 * the work for a text grows at most with the cube of its length (Scott, Johnstone: "GLL Parsing",
 * 2010). A rule may begin with itself.
 */
final class Closure {
  /**
   * A place in the network.
   *
   * @param node its node
   * @param stack how it was called
   */
  record Reading(int node, Stack stack) {
    @Override
    public int hashCode() {
      return 31 * node + stack.number();
    }

    @Override
    public boolean equals(@Nullable Object other) {
      return other instanceof Reading reading && node == reading.node && stack == reading.stack;
    }
  }

  /** A larger set is not kept: clearing it would slow down every later step. */
  private static final int KEPT = 1_000;

  private final Program program;
  private final Frame horizon;

  private Set<Reading> seen = new HashSet<>();
  private final List<Reading> waiting = new ArrayList<>();

  /** [nodes] the calls of the body that begins at the node. */
  private final @Nullable OpenFrame[] open;

  private final List<OpenFrame> opened = new ArrayList<>();

  /** How much was looked at since the machine was made: the measure of its work. */
  private long steps;

  private long maxSteps;
  private int links;

  /**
   * A closure with nothing in it.
   *
   * @param horizon the frame below which the stack is not known
   */
  Closure(Program program, Frame horizon) {
    this.program = program;
    this.horizon = horizon;
    this.open = new OpenFrame[program.nodes().length];
    maxSteps = Limits.STEPS;
  }

  long steps() {
    return steps;
  }

  /** Continues at a node, unless already done. */
  void add(int node, Stack stack) {
    if (++steps > maxSteps) {
      throw tooMany("byte", Limits.STEPS, "steps");
    }
    Reading reading = new Reading(node, stack);
    if (seen.add(reading)) {
      waiting.add(reading);
    }
  }

  static ConstraintException tooMany(String next, long limit, String unit) {
    return new ConstraintException(
        "the next "
            + next
            + " can be read in too many ways, with more than "
            + limit
            + " "
            + unit
            + ": the constraint is too ambiguous");
  }

  boolean isEmpty() {
    return waiting.isEmpty();
  }

  /** All places that read the next byte, or where the text may end; call {@link #clear} next. */
  List<Reading> close() {
    List<Reading> found = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Reading reading = waiting.remove(waiting.size() - 1);
      Stack stack = reading.stack();
      Node node = program.nodes()[reading.node()];
      if (reading.node() == Program.ACCEPT || node instanceof Read) {
        found.add(reading);
      } else if (reading.node() == Program.RETURN) {
        leave(stack);
      } else if (node instanceof Split split) {
        for (int target : split.targets()) {
          add(target, stack);
        }
      } else if (node instanceof Call call) {
        int caller = call.next() == Program.RETURN ? Program.RETURN : reading.node();
        enter(call.body(), new Link(caller, 0, stack));
      } else if (node instanceof Count count) {
        run(reading.node(), count, 0, stack);
      }
    }
    return found;
  }

  /** Removes all that was added, even if following it failed. */
  void clear() {
    boolean large = seen.size() > KEPT;
    seen.clear();
    waiting.clear();
    for (OpenFrame frame : opened) {
      open[frame.body] = null;
    }
    opened.clear();
    links = 0;
    maxSteps = steps + Limits.STEPS;
    if (large) {
      seen = new HashSet<>();
    }
  }

  private void enter(int body, Link link) {
    OpenFrame frame = open[body];
    if (frame == null) {
      frame = new OpenFrame(body);
      open[body] = frame;
      opened.add(frame);
      add(body, frame);
    }
    steps++;
    if (frame.add(link)) {
      if (++links > Limits.LINKS) {
        throw tooMany("byte", Limits.LINKS, "calls");
      }
      if (frame.returned) {
        follow(link);
      }
    }
  }

  private void leave(Stack stack) {
    if (stack == horizon) {
      add(Program.ACCEPT, stack);
    } else if (stack instanceof Frame frame) {
      frame.links().forEach(this::follow);
    } else if (stack instanceof OpenFrame frame) {
      frame.returned = true;
      for (int i = 0; i < frame.links.size(); i++) {
        follow(frame.links.get(i));
      }
    }
  }

  private void follow(Link link) {
    if (link.caller() == Program.RETURN) {
      add(Program.RETURN, link.parent());
    } else if (program.nodes()[link.caller()] instanceof Count count) {
      run(link.caller(), count, link.runs() + 1, link.parent());
    } else if (program.nodes()[link.caller()] instanceof Call call) {
      add(call.next(), link.parent());
    }
  }

  private void run(int node, Count count, int runs, Stack stack) {
    if (runs >= count.min()) {
      add(count.next(), stack);
    }
    if (runs < count.max()) {
      enter(count.body(), new Link(node, count.counted(runs), stack));
    }
  }
}

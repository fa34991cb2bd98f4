package io.fundamentallm.samplers.constraint;

import io.fundamentallm.samplers.constraint.Program.Call;
import io.fundamentallm.samplers.constraint.Program.Count;
import io.fundamentallm.samplers.constraint.Program.Node;
import io.fundamentallm.samplers.constraint.Program.Read;
import io.fundamentallm.samplers.constraint.Program.Split;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Program}. Follows all readings of the text at once, each with its own stack, as
 * llama.cpp's grammars do; states are remembered, so that a byte seen before in the same state
 * costs one look-up (the lazy subset construction, with stacks). One thread at a time.
 */
final class Machine {
  /** What {@link State#next} holds where nothing follows. */
  private static final State DEAD = new State(new int[0], new Frame[0]);

  private record Reading(int node, Frame frame) {}

  private final Program program;
  private final int bytesAhead;
  private final Frame bottom;

  private final Map<Frame.Key, Frame> frames = new HashMap<>();
  private final Map<State, State> states = new HashMap<>();
  private long remembered;
  private int frameIds = 1;
  private @Nullable State start;

  private final Set<Reading> seen = new HashSet<>();
  private final List<Reading> waiting = new ArrayList<>();
  private final List<Reading> readings = new ArrayList<>();

  /**
   * A machine of its own.
   *
   * @param bytesAhead the length of the longest token: see {@link #blurred}
   */
  Machine(Program program, int bytesAhead) {
    this.program = program;
    this.bytesAhead = bytesAhead;
    bottom = new Frame(Program.ACCEPT, 0, null, 0, null);
  }

  /** The state before the first byte. */
  State start() {
    State known = start;
    if (known == null) {
      add(program.start(), bottom);
      known = closed();
      start = known;
    }
    return known;
  }

  /** The state after one more byte; null where the byte cannot follow. */
  @Nullable State step(State state, int value) {
    int byteClass = program.classes()[value] & 0xFF;
    @Nullable State[] next = state.next;
    if (next == null) {
      next = new State[program.classCount()];
      state.next = next;
    }
    State after = next[byteClass];
    if (after == null) {
      after = compute(state, byteClass);
      next[byteClass] = after;
    }
    return after.nodes.length == 0 ? null : after;
  }

  private State compute(State state, int byteClass) {
    for (int i = 0; i < state.nodes.length; i++) {
      if (program.nodes()[state.nodes[i]] instanceof Read read && read.reads(byteClass)) {
        add(read.next(), state.frames[i]);
      }
    }
    return waiting.isEmpty() ? DEAD : closed();
  }

  /**
   * The state that allows the same tokens, and is the same for many: counts that no token can bring
   * to their limits are set to one value.
   */
  State blurred(State state) {
    readings.clear();
    for (int i = 0; i < state.nodes.length; i++) {
      readings.add(new Reading(state.nodes[i], state.frames[i].blurred));
    }
    return unique(new ArrayList<>(new HashSet<>(readings)));
  }

  /** The bytes that can follow: the only one, or -1 for none and -2 for several. */
  int onlyByte(State state) {
    int only = -1;
    for (int node : state.nodes) {
      if (program.nodes()[node] instanceof Read read) {
        int first = read.set().first();
        if (read.set().size() > 1 || (only >= 0 && only != first)) {
          return -2;
        }
        only = first;
      }
    }
    return only;
  }

  /** Forgets what can be found again; states in use stay valid, but hold no others. */
  void forget() {
    for (State state : states.values()) {
      state.next = null;
      state.mask = null;
    }
    frames.clear();
    states.clear();
    start = null;
    remembered = 0;
  }

  /** Whether it is time to {@link #forget}. */
  boolean isFull() {
    return remembered > Limits.REMEMBERED_READINGS;
  }

  private void add(int node, Frame frame) {
    Reading reading = new Reading(node, frame);
    if (seen.add(reading)) {
      if (seen.size() > 10 * Limits.READINGS) {
        throw tooMany();
      }
      waiting.add(reading);
    }
  }

  private IllegalStateException tooMany() {
    seen.clear();
    waiting.clear();
    return new IllegalStateException(
        "the text so far can be read in more than "
            + Limits.READINGS
            + " ways at once: the constraint is too ambiguous");
  }

  /** Follows everything that reads no byte. */
  private State closed() {
    List<Reading> found = new ArrayList<>();
    while (!waiting.isEmpty()) {
      Reading reading = waiting.remove(waiting.size() - 1);
      Frame frame = reading.frame();
      Node node = program.nodes()[reading.node()];
      if (reading.node() == Program.ACCEPT || node instanceof Read) {
        found.add(reading);
        if (found.size() > Limits.READINGS) {
          throw tooMany();
        }
      } else if (reading.node() == Program.RETURN) {
        leave(frame);
      } else if (node instanceof Split split) {
        for (int target : split.targets()) {
          add(target, frame);
        }
      } else if (node instanceof Call call) {
        // a call in the last place needs no frame of its own: right recursion stays flat
        add(call.body(), call.next() == Program.RETURN ? frame : frame(reading.node(), 0, frame));
      } else if (node instanceof Count count) {
        run(reading.node(), count, 0, frame);
      }
    }
    seen.clear();
    return unique(found);
  }

  private void leave(Frame frame) {
    Frame parent = frame.parent;
    if (parent == null) {
      throw new IllegalStateException("a rule returns to nowhere");
    }
    if (program.nodes()[frame.caller] instanceof Count count) {
      run(frame.caller, count, frame.runs + 1, parent);
    } else if (program.nodes()[frame.caller] instanceof Call call) {
      add(call.next(), parent);
    }
  }

  private void run(int node, Count count, int runs, Frame frame) {
    if (runs >= count.min()) {
      add(count.next(), frame);
    }
    if (runs < count.max()) {
      add(count.body(), frame(node, count.counted(runs), frame));
    }
  }

  private Frame frame(int caller, int runs, Frame parent) {
    Frame known = frames.get(Frame.key(caller, runs, parent));
    if (known != null) {
      return known;
    }
    if (parent.depth >= Limits.DEPTH) {
      seen.clear();
      waiting.clear();
      throw new IllegalStateException(
          "the text is nested more than " + Limits.DEPTH + " rules deep");
    }
    int blurredRuns =
        program.nodes()[caller] instanceof Count count ? count.counted(runs, bytesAhead) : runs;
    Frame blurred =
        blurredRuns == runs && parent.blurred == parent
            ? null
            : frame(caller, blurredRuns, parent.blurred);
    Frame made = new Frame(caller, runs, parent, frameIds++, blurred);
    frames.put(Frame.key(caller, runs, parent), made);
    remembered++;
    return made;
  }

  /** The one state with these readings. */
  private State unique(List<Reading> found) {
    found.sort(
        Comparator.comparingInt(Reading::node).thenComparingInt(reading -> reading.frame().id));
    int[] nodes = new int[found.size()];
    Frame[] stacks = new Frame[found.size()];
    Arrays.setAll(nodes, i -> found.get(i).node());
    Arrays.setAll(stacks, i -> found.get(i).frame());
    State state = new State(nodes, stacks);
    State known = states.putIfAbsent(state, state);
    if (known != null) {
      return known;
    }
    remembered += found.size() + program.classCount() / 8 + 4;
    return state;
  }
}

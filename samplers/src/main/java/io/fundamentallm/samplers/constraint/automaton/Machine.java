package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.model.ConstraintException;
import io.fundamentallm.samplers.constraint.automaton.Closure.Reading;
import io.fundamentallm.samplers.constraint.automaton.Program.Read;
import io.fundamentallm.samplers.constraint.grammar.Limits;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Runs a {@link Program}. Follows all readings of the text at once, on shared stacks (see {@link
 * Stack}); states are remembered, so that a byte seen before in the same state costs one look-up
 * (the lazy subset construction, with stacks). One thread at a time.
 */
public final class Machine {
  /** What {@link State#next} holds where nothing follows. */
  private static final State DEAD = new State(new int[0], new Frame[0], false);

  private static final Comparator<Reading> ORDER =
      Comparator.comparingInt(Reading::node)
          .thenComparingLong(reading -> ((Frame) reading.stack()).id);

  /** Levels of the stack with which a mask is first computed. */
  private static final int LEVELS = 8;

  /** Beyond this the whole stack is taken. */
  private static final int MAX_LEVELS = 64;

  private final Program program;
  private final int bytesAhead;
  private final Frames frames = new Frames();
  private final Closure closure;
  private final Closing closing = new Closing(frames);
  private final Map<State, State> states = new HashMap<>();
  private int levels = LEVELS;
  private long forgotten;
  private long remembered;
  private long asked;
  private long maxAsked = Long.MAX_VALUE;
  private long askedBefore;
  private @Nullable State start;

  /**
   * A new machine.
   *
   * @param bytesAhead the length of the longest token: see {@link #blurred}
   */
  public Machine(Program program, int bytesAhead) {
    this.program = program;
    this.bytesAhead = bytesAhead;
    this.closure = new Closure(program, frames.horizon);
  }

  /** The state before the first byte. */
  public State start() {
    State known = start;
    if (known == null) {
      try {
        closure.add(program.start(), frames.bottom);
        known = closed();
      } finally {
        closure.clear();
      }
      start = known;
    }
    return known;
  }

  /**
   * Begins work that may take {@link Limits#TOKEN_STEPS}. A byte read again in the same state
   * counts once, and one that was read earlier counts too: what other callers asked does not change
   * the verdict.
   */
  void begin() {
    askedBefore = asked;
    maxAsked = asked + Limits.TOKEN_STEPS;
  }

  /**
   * The state after one more byte; null if the byte cannot follow.
   *
   * @throws ConstraintException if it can be read in too many ways, or too much was asked since
   *     {@link #begin}
   */
  public @Nullable State step(State state, int value) {
    int byteClass = program.classes()[value] & 0xFF;
    @Nullable State[] next = state.next;
    if (next == null) {
      state.steps = new int[program.classCount()];
      state.counted = new long[program.classCount()];
      next = new State[program.classCount()];
      state.next = next;
    }
    State after = next[byteClass];
    if (after == null) {
      long before = closure.steps();
      after = compute(state, byteClass);
      state.steps[byteClass] = Math.toIntExact(1 + closure.steps() - before);
      next[byteClass] = after;
    }
    if (state.counted[byteClass] <= askedBefore) {
      asked += state.steps[byteClass];
      state.counted[byteClass] = asked;
      if (asked > maxAsked) {
        throw Closure.tooMany("token", Limits.TOKEN_STEPS, "steps");
      }
    }
    return after.nodes.length == 0 ? null : after;
  }

  private State compute(State state, int byteClass) {
    try {
      for (int i = 0; i < state.nodes.length; i++) {
        if (program.nodes()[state.nodes[i]] instanceof Read read && read.reads(byteClass)) {
          closure.add(read.next(), state.frames[i]);
        }
      }
      return closure.isEmpty() ? DEAD : closed();
    } finally {
      closure.clear();
    }
  }

  /**
   * The state that allows the same tokens, and is the same for many: counts that no token can bring
   * to their limits are set to one value, and the stack is cut. If a longer token could follow a
   * state that {@link State#seesHorizon}, ask again after {@link #widenHorizon}.
   */
  State blurred(State state) {
    if (levels > MAX_LEVELS) {
      return state;
    }
    Blur blur = new Blur(program, frames, bytesAhead);
    List<Reading> readings = new ArrayList<>(state.nodes.length);
    for (int i = 0; i < state.nodes.length; i++) {
      Frame frame = blur.of(state.frames[i], levels);
      if (frame == null) {
        return state;
      }
      readings.add(new Reading(state.nodes[i], frame));
    }
    return unique(readings);
  }

  /** Cuts stacks further down from now on. */
  void widenHorizon() {
    levels *= 2;
  }

  /** Cuts stacks where the first try for a mask does. */
  void resetHorizon() {
    levels = LEVELS;
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

  /** Forgets what can be recomputed; states in use stay valid, but hold no others. */
  void forget() {
    for (State state : states.values()) {
      state.next = null;
      state.mask = null;
    }
    forgotten = frames.made();
    frames.forget();
    states.clear();
    start = null;
    remembered = 0;
  }

  /** Whether it is time to {@link #forget}. */
  boolean isFull() {
    return remembered + frames.made() - forgotten > Limits.REMEMBERED_LINKS;
  }

  /** The work so far: see {@link Closure#steps}. */
  public long steps() {
    return closure.steps();
  }

  /** The memory so far: see {@link Frames#made}. */
  public long links() {
    return frames.made();
  }

  private State closed() {
    List<Reading> readings = closure.close();
    readings.replaceAll(
        reading ->
            reading.stack() instanceof Frame
                ? reading
                : new Reading(reading.node(), closing.close(reading.stack())));
    return unique(readings);
  }

  /** The one state with these readings, which are sorted here; their stacks are frames. */
  private State unique(List<Reading> readings) {
    readings.sort(ORDER);
    int[] nodes = new int[readings.size()];
    Frame[] stacks = new Frame[readings.size()];
    boolean seesHorizon = false;
    int size = 0;
    for (Reading reading : readings) {
      Frame frame = (Frame) reading.stack();
      if (size == 0 || nodes[size - 1] != reading.node() || stacks[size - 1] != frame) {
        nodes[size] = reading.node();
        stacks[size++] = frame;
        seesHorizon |= reading.node() == Program.ACCEPT && frame == frames.horizon;
      }
    }
    State state = new State(Arrays.copyOf(nodes, size), Arrays.copyOf(stacks, size), seesHorizon);
    State known = states.putIfAbsent(state, state);
    if (known != null) {
      return known;
    }
    remembered += size + program.classCount() / 2 + 4;
    return state;
  }
}

package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.samplers.constraint.automaton.Stack.Link;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** All remembered frames; equal ones are one object. */
public final class Frames {
  private static final Comparator<Link> ORDER =
      Comparator.comparingInt(Link::caller)
          .thenComparingInt(Link::runs)
          .thenComparingLong(link -> parent(link).id);

  /** How the text itself was called: not at all. */
  public final Frame bottom = new Frame(0, null);

  /** Stands for what is below where a stack was cut. */
  final Frame horizon = new Frame(1, null);

  private final Map<List<Link>, Frame> known = new HashMap<>();

  /** By the links of all frames of a cycle, in which {@link #members} stand for the frames. */
  private final Map<List<List<Link>>, List<Frame>> cycles = new HashMap<>();

  private final List<Frame> members = new ArrayList<>();

  private long ids = 2;
  private long made;

  /** Links of all frames made so far; a frame itself weighs as much as four. */
  long made() {
    return made;
  }

  void forget() {
    known.clear();
    cycles.clear();
  }

  /** The parent of a frame's link. */
  static Frame parent(Link link) {
    return (Frame) link.parent();
  }

  /** The links in their order, none twice, each parent as the frame that it is. */
  static List<Link> links(List<Link> links, UnaryOperator<Stack> frameOf) {
    if (links.size() == 1) {
      return List.of(link(links.get(0), frameOf));
    }
    List<Link> sorted = new ArrayList<>(links.size());
    for (Link link : links) {
      sorted.add(link(link, frameOf));
    }
    sorted.sort(ORDER);
    int size = 0;
    for (Link link : sorted) {
      if (size == 0 || !link.equals(sorted.get(size - 1))) {
        sorted.set(size++, link);
      }
    }
    return List.copyOf(sorted.subList(0, size));
  }

  private static Link link(Link link, UnaryOperator<Stack> frameOf) {
    Stack parent = frameOf.apply(link.parent());
    return parent == link.parent() ? link : new Link(link.caller(), link.runs(), parent);
  }

  /** The frame with these links. */
  Frame frame(List<Link> links) {
    Frame frame = known.get(links);
    if (frame == null) {
      frame = remember(new Frame(ids++, null), links);
    }
    return frame;
  }

  private Frame remember(Frame frame, List<Link> links) {
    frame.link(links);
    known.putIfAbsent(links, frame);
    made += links.size() + 4;
    return frame;
  }

  /** Stands for a frame of a cycle while the frame is not known. */
  Frame member(int index) {
    while (members.size() <= index) {
      members.add(new Frame(-1 - members.size(), null));
    }
    return members.get(index);
  }

  /**
   * The frames that are parents of each other and have these links.
   *
   * @param links of each, with {@link #member} for the others
   */
  List<Frame> cycle(List<List<Link>> links) {
    List<Frame> frames = cycles.get(links);
    if (frames == null) {
      frames = same(links, below(links));
      if (frames == null) {
        List<Frame> made = new ArrayList<>();
        for (int i = 0; i < links.size(); i++) {
          made.add(new Frame(ids++, made));
        }
        for (int i = 0; i < links.size(); i++) {
          remember(made.get(i), links(links.get(i), inCycle(made)));
        }
        frames = made;
      }
      cycles.put(links, frames);
    }
    return frames;
  }

  /** The newest of the cycles that this one is built on. */
  private static @Nullable List<Frame> below(List<List<Link>> links) {
    Frame last = null;
    for (List<Link> one : links) {
      for (Link link : one) {
        Frame parent = parent(link);
        if (parent.cycle != null && (last == null || parent.id > last.id)) {
          last = parent;
        }
      }
    }
    return last == null ? null : last.cycle;
  }

  /**
   * The lower cycle, if the upper says the same: if each is taken for the other, their links are
   * the same. So a rule that begins with itself and calls itself again adds nothing.
   */
  private @Nullable List<Frame> same(List<List<Link>> upper, @Nullable List<Frame> lower) {
    if (lower == null || lower.size() != upper.size()) {
      return null;
    }
    for (int i = 0; i < upper.size(); i++) {
      if (!links(upper.get(i), inCycle(lower)).equals(lower.get(i).links())) {
        return null;
      }
    }
    return lower;
  }

  private static UnaryOperator<Stack> inCycle(List<Frame> frames) {
    return stack ->
        stack instanceof Frame frame && frame.id < 0
            ? frames.get(Math.toIntExact(-1 - frame.id))
            : stack;
  }
}

package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.samplers.constraint.automaton.Stack.Link;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Turns what was opened between two bytes into frames: parents first, and those that are parents of
 * each other together (Tarjan: "Depth-first search and linear graph algorithms", 1972). A caller
 * that would only return is replaced by the callers that it returns to, so right recursion stays
 * flat.
 */
public final class Closing {
  /** The most callers to take over; beyond it, the link to the one that returns stays. */
  private static final int FLAT = 64;

  /** An open frame on the way to its closing. */
  static final class Visit {
    final OpenFrame frame;
    final List<Link> links;
    final int index;
    int lowest;
    int next;

    Visit(OpenFrame frame, List<Link> links, int index) {
      this.frame = frame;
      this.links = links;
      this.index = index;
      this.lowest = index;
    }

    boolean isOwnParent() {
      for (Link link : links) {
        if (link.parent() == frame) {
          return true;
        }
      }
      return false;
    }
  }

  private final Frames frames;
  private final ArrayDeque<Visit> path = new ArrayDeque<>();
  private final ArrayDeque<Visit> unfinished = new ArrayDeque<>();
  private int visits;

  public Closing(Frames frames) {
    this.frames = frames;
  }

  /** The frame that the stack becomes. */
  public Frame close(Stack stack) {
    if (stack instanceof Frame frame) {
      return frame;
    }
    Stack caller = caller(stack);
    if (caller instanceof OpenFrame open && open.closed == null) {
      try {
        visits = 0;
        visit(open);
        while (!path.isEmpty()) {
          advance(path.getLast());
        }
      } finally {
        path.clear(); // not empty if this failed; nobody closes the rest any more
        unfinished.clear();
      }
    }
    return closed(caller);
  }

  private Frame closed(Stack stack) {
    if (stack instanceof OpenFrame open) {
      if (open.closed == null) {
        throw new IllegalStateException("a frame is used before it is closed");
      }
      return open.closed;
    }
    return (Frame) stack;
  }

  private void visit(OpenFrame open) {
    Visit visit = new Visit(open, links(open), visits++);
    open.visit = visit;
    path.add(visit);
    unfinished.add(visit);
  }

  private void advance(Visit visit) {
    while (visit.next < visit.links.size()) {
      Stack parent = visit.links.get(visit.next++).parent();
      if (parent instanceof OpenFrame open && open.closed == null) {
        Visit known = open.visit;
        if (known == null) {
          visit(open);
          return;
        }
        visit.lowest = Math.min(visit.lowest, known.index);
      }
    }
    path.removeLast();
    Visit below = path.peekLast();
    if (below != null) {
      below.lowest = Math.min(below.lowest, visit.lowest);
    }
    if (visit.lowest == visit.index) {
      List<Visit> component = new ArrayList<>();
      Visit last;
      do {
        last = unfinished.removeLast();
        component.add(last);
      } while (last != visit);
      finish(component);
    }
  }

  private void finish(List<Visit> component) {
    Visit first = component.get(0);
    if (component.size() == 1 && !first.isOwnParent()) {
      first.frame.closed = frames.frame(Frames.links(first.links, this::closed));
      return;
    }
    component.sort(Comparator.comparingInt(visit -> visit.frame.body));
    for (int i = 0; i < component.size(); i++) {
      component.get(i).frame.closed = frames.member(i);
    }
    List<List<Link>> links = new ArrayList<>();
    component.forEach(visit -> links.add(Frames.links(visit.links, this::closed)));
    List<Frame> cycle = frames.cycle(links);
    for (int i = 0; i < component.size(); i++) {
      component.get(i).frame.closed = cycle.get(i);
    }
  }

  /** The stack itself, or what it returns to if it does nothing else. */
  private Stack caller(Stack stack) {
    Stack end = stack;
    while (end instanceof OpenFrame open) {
      Stack known = open.caller;
      Link only = open.links.get(0);
      if (known != null) {
        end = known;
        break;
      } else if (open.links.size() == 1 && only.caller() == Program.RETURN) {
        end = only.parent();
      } else {
        break;
      }
    }
    Stack at = stack;
    while (at != end && at instanceof OpenFrame open && open.caller == null) {
      open.caller = end;
      at = open.links.get(0).parent();
    }
    return end;
  }

  private List<Link> links(OpenFrame open) {
    List<Link> own = new ArrayList<>(open.links.size());
    boolean returns = false;
    for (Link link : open.links) {
      Stack parent = caller(link.parent());
      boolean last = link.caller() == Program.RETURN;
      if (!last || parent != open) {
        own.add(parent == link.parent() ? link : new Link(link.caller(), link.runs(), parent));
        returns |= last;
      }
    }
    Collection<Link> flat = returns ? flat(open, own) : null;
    return flat == null ? own : new ArrayList<>(flat);
  }

  /** Replaces links that only return with their callers; null if there are too many. */
  private @Nullable Collection<Link> flat(OpenFrame open, List<Link> own) {
    Set<Link> flat = new LinkedHashSet<>();
    Set<Stack> taken = new LinkedHashSet<>(List.of(open));
    ArrayDeque<Link> waiting = new ArrayDeque<>(own);
    for (Link link = waiting.poll(); link != null; link = waiting.poll()) {
      Stack parent = caller(link.parent());
      if (link.caller() != Program.RETURN || parent == frames.horizon) {
        flat.add(new Link(link.caller(), link.runs(), parent));
      } else if (taken.add(parent)) {
        waiting.addAll(parent instanceof OpenFrame other ? other.links : closed(parent).links());
      }
      if (flat.size() + taken.size() + waiting.size() > FLAT) {
        return null;
      }
    }
    return flat;
  }
}

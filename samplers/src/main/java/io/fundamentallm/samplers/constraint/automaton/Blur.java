package io.fundamentallm.samplers.constraint.automaton;

import io.fundamentallm.samplers.constraint.automaton.Program.Count;
import io.fundamentallm.samplers.constraint.automaton.Stack.Link;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Merges what a token cannot tell apart: counts that it cannot bring to their limits, and stacks
 * that differ only so far down that it hardly gets there. {@link State#seesHorizon} shows whether
 * it did.
 */
final class Blur {
  /** The most frames to look at; a wider stack is not worth it. */
  private static final int FRAMES = 1_000;

  private record Cut(Frame frame, int levels) {}

  private final Program program;
  private final Frames frames;
  private final int bytesAhead;
  private final Map<Cut, Frame> known = new HashMap<>();

  /**
   * For one state.
   *
   * @param bytesAhead the length of the longest token
   */
  Blur(Program program, Frames frames, int bytesAhead) {
    this.program = program;
    this.frames = frames;
    this.bytesAhead = bytesAhead;
  }

  /** The blurred frame, cut below this many levels; null if that takes too long. */
  @Nullable Frame of(Frame frame, int levels) {
    if (frame == frames.bottom || frame == frames.horizon) {
      return frame;
    } else if (levels == 0) {
      return frames.horizon;
    }
    Cut cut = new Cut(frame, levels);
    Frame done = known.get(cut);
    if (done != null) {
      return done;
    }
    List<Link> links = new ArrayList<>(frame.links().size());
    for (Link link : frame.links()) {
      Frame parent = of(Frames.parent(link), levels - 1);
      if (parent == null || known.size() + links.size() > FRAMES) {
        return null;
      }
      int runs =
          program.nodes()[link.caller()] instanceof Count count
              ? count.counted(link.runs(), bytesAhead)
              : link.runs();
      links.add(new Link(link.caller(), runs, parent));
    }
    Frame blurred = frames.frame(Frames.links(links, parent -> parent));
    known.put(cut, blurred);
    return blurred;
  }
}

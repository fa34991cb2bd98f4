package io.fundamentallm.samplers.constraint.automaton;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A part of the stack that no longer grows. Equal frames are one object while {@link Frames}
 * remembers them, so identity is equality. Immutable once linked.
 */
public final class Frame implements Stack {
  /** Numbers frames in the order in which they were made. */
  final long id;

  /** Frames that are parents of each other, this one among them; null for most. */
  final @Nullable List<Frame> cycle;

  private List<Link> links = List.of();

  Frame(long id, @Nullable List<Frame> cycle) {
    this.id = id;
    this.cycle = cycle;
  }

  /** Sets, once, the frame's links to frames, in the order of {@link Frames}, none twice. */
  Frame link(List<Link> links) {
    this.links = links;
    return this;
  }

  @Override
  public int number() {
    return Long.hashCode(id);
  }

  public List<Link> links() {
    return links;
  }
}

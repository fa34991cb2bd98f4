package io.fundamentallm.samplers.constraint.automaton;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The calls of one body between two bytes. It is shared by all callers of that body there, even
 * those that come after it has returned: they learn so at once. {@link Closing} turns it into a
 * frame before the next byte is read.
 */
public final class OpenFrame implements Stack {
  private static final int FEW = 8;

  /** The node that was called. */
  final int body;

  final List<Link> links = new ArrayList<>(2);

  /** Whether the body reached its end without reading a byte. */
  boolean returned;

  /** What it became; null while it is open. */
  @Nullable Frame closed;

  /** What it returns to if it does nothing else; null while that is not known. */
  @Nullable Stack caller;

  /** Its place in the order of closing. */
  Closing.@Nullable Visit visit;

  private @Nullable Set<Link> known;

  public OpenFrame(int body) {
    this.body = body;
  }

  @Override
  public int number() {
    return -body;
  }

  /** False if the link is already there. */
  public boolean add(Link link) {
    if (known == null && links.size() == FEW) {
      known = new HashSet<>(links);
    }
    if (known == null ? links.contains(link) : !known.add(link)) {
      return false;
    }
    links.add(link);
    return true;
  }
}

package io.fundamentallm.runtime.gpu;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which sequences go through the graph together.
 *
 * @param mostTokens of a run, padding counted
 */
record Grouping(CacheStrategy cache, int mostTokens) {
  private static final int MOST_SEQUENCES = 64;

  /** All of them, in groups of at least one. */
  List<List<Sequence>> of(List<Sequence> sequences) {
    if (sequences.size() == 1) {
      return List.of(sequences);
    }
    List<Sequence> sorted = new ArrayList<>(sequences);
    sorted.sort(
        Comparator.comparingInt(Sequence::count)
            .thenComparingInt(sequence -> sequence.past().length())
            .reversed());
    List<List<Sequence>> groups = new ArrayList<>();
    List<Sequence> last = List.of();
    for (Sequence sequence : sorted) {
      if (last.isEmpty() || !takes(last, sequence)) {
        last = new ArrayList<>();
        groups.add(last);
      }
      last.add(sequence);
    }
    return groups;
  }

  private boolean takes(List<Sequence> group, Sequence sequence) {
    Sequence first = group.get(0);
    return group.size() < MOST_SEQUENCES
        && (group.size() + 1L) * first.count() <= mostTokens
        && cache.joins(first.past(), first.count(), sequence.past(), sequence.count());
  }
}

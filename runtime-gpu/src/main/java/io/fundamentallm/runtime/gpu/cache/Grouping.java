package io.fundamentallm.runtime.gpu.cache;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Which sequences go through the graph together.
 *
 * @param <P> the pasts of the strategy
 * @param maxTokens of a run, padding counted
 */
public record Grouping<P extends Past>(CacheStrategy<P> cache, int maxTokens) {
  private static final int MAX_SEQUENCES = 64;

  /** All of them, in groups of at least one. */
  public List<List<PastSequence<P>>> of(List<PastSequence<P>> sequences) {
    if (sequences.size() == 1) {
      return List.of(sequences);
    }
    List<PastSequence<P>> sorted = new ArrayList<>(sequences);
    sorted.sort(
        Comparator.comparingInt((PastSequence<P> sequence) -> sequence.count())
            .thenComparingInt(sequence -> sequence.past().length())
            .reversed());
    List<List<PastSequence<P>>> groups = new ArrayList<>();
    List<PastSequence<P>> last = List.of();
    for (PastSequence<P> sequence : sorted) {
      if (last.isEmpty() || !takes(last, sequence)) {
        last = new ArrayList<>();
        groups.add(last);
      }
      last.add(sequence);
    }
    return groups;
  }

  private boolean takes(List<PastSequence<P>> group, PastSequence<P> sequence) {
    PastSequence<P> first = group.get(0);
    return group.size() < MAX_SEQUENCES
        && (group.size() + 1L) * first.count() <= maxTokens
        && cache.joins(first.past(), first.count(), sequence.past(), sequence.count());
  }
}

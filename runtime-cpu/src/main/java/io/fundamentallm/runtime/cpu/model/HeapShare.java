package io.fundamentallm.runtime.cpu.model;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.WeakHashMap;

/**
 * The heap as several models have it together. Keys and values of those that were given no budget
 * of their own take at most three quarters of what the weights of all leave over: each alone could
 * fill the heap, and two would. Thread-safe; asks nothing that takes a cache's lock.
 */
final class HeapShare {
  private static final HeapShare PROCESS = new HeapShare(Runtime.getRuntime().maxMemory());

  /** What a model takes beside keys and values. */
  private record Taken(long weights, long scratch) {}

  private final long heap;

  /** Models that nobody closed may be forgotten. Guarded by this. */
  private final Map<KvCache, Taken> taken = new WeakHashMap<>();

  HeapShare(long heap) {
    this.heap = heap;
  }

  /** That of all models of this JVM. */
  static HeapShare ofProcess() {
    return PROCESS;
  }

  /**
   * Counts a model.
   *
   * @param scratch what its passes compute in
   */
  synchronized void enter(KvCache cache, long weights, long scratch) {
    taken.put(cache, new Taken(weights, scratch));
  }

  /** Counts it no longer: it is closed. */
  synchronized void leave(KvCache cache) {
    taken.remove(cache);
  }

  /** The bytes that a model's keys and values may take beside what others take now. */
  synchronized long budget(KvCache cache) {
    long room = heap;
    long scratch = 0;
    long others = 0;
    for (Map.Entry<KvCache, Taken> each : taken.entrySet()) {
      room -= each.getValue().weights();
      scratch += each.getValue().scratch();
      others += each.getKey() == cache ? 0 : each.getKey().bytesHeld();
    }
    room = Math.max(0, room);
    // of passes, in regions of which they may fill no more than half
    return Math.max(0, (room - Math.min(room / 2, scratch)) / 4 * 3 - others);
  }

  /** The caches of other models, which may have something to give back. */
  synchronized List<KvCache> besides(KvCache cache) {
    List<KvCache> others = new ArrayList<>(taken.keySet());
    others.remove(cache);
    return others;
  }
}

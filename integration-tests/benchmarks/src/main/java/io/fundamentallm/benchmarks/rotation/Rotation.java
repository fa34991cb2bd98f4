package io.fundamentallm.benchmarks.rotation;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * Contestants that take turns: A B C A B C …, so that whatever else the machine does hits all of
 * them. For one thread.
 */
public final class Rotation {
  /** Long enough for the threads of the one before to stop spinning and sleep. */
  private static final int PAUSE_MILLISECONDS = 200;

  /** What a contestant does at its turn. */
  @FunctionalInterface
  public interface Task {
    /** Does it once and gives what was measured. */
    double run();
  }

  private record Contestant(Task work, List<Double> measured) {}

  private final Map<String, Contestant> contestants = new LinkedHashMap<>();

  /** Adds a contestant. */
  public void add(String name, Task work) {
    contestants.put(name, new Contestant(work, new ArrayList<>()));
  }

  /** In the order of their turns. */
  public Set<String> names() {
    return contestants.keySet();
  }

  /** Runs each for so long, and at least twice, without keeping what is measured. */
  public void warmUp(double seconds) {
    for (Contestant contestant : contestants.values()) {
      long start = System.nanoTime();
      for (int i = 0; i < 2 || System.nanoTime() - start < seconds * 1e9; i++) {
        contestant.work.run();
      }
    }
  }

  /**
   * Lets each have its turn so many times. A turn is the task twice, of which the second counts:
   * the first brings the weights back into the caches, out of which the one before drove them.
   */
  public void run(int rounds) {
    for (int round = 0; round < rounds; round++) {
      for (Contestant contestant : contestants.values()) {
        pause();
        contestant.work.run();
        contestant.measured.add(contestant.work.run());
      }
    }
  }

  /** The median of a contestant's rounds. */
  public double median(String name) {
    return sorted(name)[sorted(name).length / 2];
  }

  /**
   * The median of what a contestant measured to what another did in the same round: what changes
   * slowly on the machine is in both.
   */
  public double medianRatio(String name, String other) {
    List<Double> ones = measured(name);
    List<Double> others = measured(other);
    double[] ratios =
        IntStream.range(0, ones.size())
            .mapToDouble(round -> ones.get(round) / others.get(round))
            .sorted()
            .toArray();
    return ratios[ratios.length / 2];
  }

  /** The least of a contestant's rounds. */
  public double minimum(String name) {
    return sorted(name)[0];
  }

  /** The greatest of a contestant's rounds. */
  public double maximum(String name) {
    return sorted(name)[sorted(name).length - 1];
  }

  private double[] sorted(String name) {
    return measured(name).stream().mapToDouble(Double::doubleValue).sorted().toArray();
  }

  private List<Double> measured(String name) {
    Contestant contestant = contestants.get(name);
    if (contestant == null || contestant.measured.isEmpty()) {
      throw new IllegalArgumentException(name + " has not run; there are " + names());
    }
    return contestant.measured;
  }

  private static void pause() {
    try {
      Thread.sleep(PAUSE_MILLISECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}

package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.HeapTooSmallException;
import java.lang.management.ManagementFactory;
import org.jspecify.annotations.Nullable;

/**
 * What a model's weights take of the heap, and the error if it cannot hold them. One thread at a
 * time.
 *
 * <p>G1, which most JVMs choose by themselves, divides the heap into regions, about 2048 of 1 to 32
 * MiB. An array of more than half a region has its regions for itself, and smaller ones leave a
 * rest at the end of a region. Where a model has thousands of arrays, as with experts, that may be
 * more than a tenth of it; half of it where their numbers fill half a region, which their headers
 * exceed.
 */
final class HeapRoom {
  private static final long MIB = 1L << 20;
  private static final int REGION_SIZES = 6;
  private static final int REGIONS = 2048;

  /** Bytes of an array besides its elements. */
  private static final int HEADER = 16;

  /** The part of the heap that is not counted on: something else is always there. */
  private static final int SPARE = 16;

  private final long[] inRegions = new long[REGION_SIZES]; // by size: 1, 2, 4 … MiB
  private long bytes;

  /** Counts an array whose elements take so many bytes. */
  void add(long elements) {
    bytes += elements;
    long array = elements + HEADER;
    for (int i = 0; i < REGION_SIZES; i++) {
      long region = MIB << i;
      inRegions[i] +=
          array <= region / 2 ? region / (region / array) : (array + region - 1) / region * region;
    }
  }

  /** Bytes of all arrays. */
  long bytes() {
    return bytes;
  }

  /**
   * Refuses what no heap of this size can hold. Ignores what else the heap holds: it may be
   * garbage.
   */
  void require() {
    long max = Runtime.getRuntime().maxMemory();
    long room = max - max / SPARE;
    if (bytes > room || (inRegions[regionSize(max)] > room && isRegional())) {
      throw tooSmall(null);
    }
  }

  /**
   * The exception for these weights.
   *
   * @param cause set if the heap would hold them but for what else it holds
   */
  HeapTooSmallException tooSmall(@Nullable Throwable cause) {
    long max = Runtime.getRuntime().maxMemory();
    return new HeapTooSmallException(
        "the model does not fit into the heap: its weights take "
            + (bytes + MIB - 1) / MIB
            + " MiB, and the heap has at most "
            + max / MIB
            + (cause == null ? " MiB" : " MiB, too much of which is in use")
            + ". Start the JVM with -Xmx"
            + enough(cause == null ? 0 : max)
            + "m or more, or load the model with smaller weights, weights=int8 or int4",
        cause);
  }

  /**
   * The heap to give, in MiB: a quarter more than the weights for keys, values and what passes
   * compute, and some for the application.
   *
   * @param others bytes for what else is in the heap
   */
  long enough(long others) {
    return (forWeights() + 128 * MIB + others) / (64 * MIB) * 64 + 64;
  }

  /** Of the sizes of regions the smallest that a heap with room for them has. */
  private long forWeights() {
    for (int i = 0; ; i++) {
      long wanted = Math.max(bytes + bytes / 4, inRegions[i] + bytes / 10);
      int size = regionSize(wanted);
      if (size == i || i == REGION_SIZES - 1) {
        return wanted;
      } else if (size < i) {
        return (MIB << (i - 1)) * REGIONS + 1; // the smallest heap that has them
      }
    }
  }

  /** Which of the sizes of regions a heap has. */
  private static int regionSize(long heap) {
    int size = 0;
    while (size < REGION_SIZES - 1 && (MIB << size) * REGIONS < heap) {
      size++;
    }
    return size;
  }

  /** Whether the collector is G1. */
  private static boolean isRegional() {
    return ModuleLayer.boot().findModule("java.management").isPresent()
        && ManagementFactory.getGarbageCollectorMXBeans().stream()
            .anyMatch(collector -> collector.getName().startsWith("G1"));
  }
}

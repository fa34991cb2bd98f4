package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.model.HeapTooSmallException;
import org.jspecify.annotations.Nullable;

/** Whether the heap can hold a model's weights, and the error if it cannot. */
final class HeapRoom {
  private static final long MIB = 1L << 20;

  /** Garbage collectors give every large array its own regions, the last of them not full. */
  private static final int SPARE = 16;

  private HeapRoom() {}

  /**
   * Refuses what no heap of this size can hold. Ignores what else the heap holds: it may be
   * garbage.
   *
   * @param needed bytes of the weights
   */
  static void require(long needed) {
    long max = Runtime.getRuntime().maxMemory();
    if (needed > max - max / SPARE) {
      throw tooSmall(needed, null);
    }
  }

  /**
   * The exception for weights of this many bytes.
   *
   * @param cause set if the heap would hold them but for what else it holds
   */
  static HeapTooSmallException tooSmall(long needed, @Nullable Throwable cause) {
    long max = Runtime.getRuntime().maxMemory();
    // a quarter more for keys, values and what passes compute, and some for the application
    long wanted = needed + needed / 4 + 128 * MIB + (cause == null ? 0 : max);
    long enough = wanted / (64 * MIB) * 64 + 64;
    return new HeapTooSmallException(
        "the model does not fit into the heap: its weights take "
            + (needed + MIB - 1) / MIB
            + " MiB, and the heap has at most "
            + max / MIB
            + (cause == null ? " MiB" : " MiB, too much of which is in use")
            + ". Start the JVM with -Xmx"
            + enough
            + "m or more, or load the model with smaller weights, weights=int8 or int4",
        cause);
  }
}

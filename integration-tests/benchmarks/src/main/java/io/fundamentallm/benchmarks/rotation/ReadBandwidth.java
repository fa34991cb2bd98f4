package io.fundamentallm.benchmarks.rotation;

import java.util.Arrays;
import java.util.concurrent.atomic.LongAdder;

/**
 * How fast memory is read: several threads, each over its own part of one array, again and again.
 *
 * <p>A thread compares the halves of its part by {@link Arrays#mismatch(float[], int, int, float[],
 * int, int)}, which every JDK does with the widest registers and with nothing but loads. On the
 * machine that was tried it reads as fast as, or faster than, a sum by the Vector API.
 */
public final class ReadBandwidth {
  private static final double SECONDS = 0.4;

  private final float[] array;
  private final int threads;

  /** Over a working set of so many bytes, which stays in the heap. */
  public ReadBandwidth(long bytes, int threads) {
    array = new float[Math.toIntExact(bytes / Float.BYTES)];
    this.threads = threads;
  }

  /** GB (10<sup>9</sup> bytes) a second, over a working set of so many bytes. */
  public static double measure(long bytes, int threads) {
    ReadBandwidth memory = new ReadBandwidth(bytes, threads);
    memory.pass(SECONDS / 4);
    return memory.measure();
  }

  /** GB (10<sup>9</sup> bytes) a second, now. */
  public double measure() {
    return pass(SECONDS);
  }

  private double pass(double seconds) {
    LongAdder read = new LongAdder();
    Thread[] readers = new Thread[threads];
    int part = array.length / threads / 2 * 2;
    long start = System.nanoTime();
    for (int i = 0; i < threads; i++) {
      int from = i * part;
      readers[i] =
          new Thread(
              () -> {
                while (System.nanoTime() - start < seconds * 1e9) {
                  int middle = from + part / 2;
                  if (Arrays.mismatch(array, from, middle, array, middle, from + part) >= 0) {
                    throw new IllegalStateException("an array of zeros holds something else");
                  }
                  read.add((long) part * Float.BYTES);
                }
              });
      readers[i].start();
    }
    for (Thread reader : readers) {
      join(reader);
    }
    return read.sum() / (double) (System.nanoTime() - start);
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new IllegalStateException("interrupted", e);
    }
  }
}

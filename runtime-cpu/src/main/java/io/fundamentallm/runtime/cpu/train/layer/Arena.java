package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import java.util.stream.LongStream;

/**
 * One array for several tensors. Vectors do not straddle cache lines where that is possible, see
 * {@link Floats#FRONT}. Tensors begin at different places of a page: sizes are often multiples of a
 * page, and a load that agrees with an earlier store in the last twelve bits of the address waits
 * for it.
 */
final class Arena {

  // Floats of a cache line.
  private static final int LINE = 16;

  // Between two tensors.
  private static final int GAP = 5 * LINE;

  private final float[] array;
  private int next = Floats.FRONT;
  private int rows;
  private long[] widths = {};
  private int taken;

  /**
   * Allocates.
   *
   * @param tensors how many it will hold
   * @param floats of all of them
   * @throws IllegalArgumentException if an array cannot hold them
   */
  Arena(int tensors, long floats) {
    long size = size(tensors, floats);
    if (size > Integer.MAX_VALUE - 8) {
      throw new IllegalArgumentException(
          "batch × length is too large: no array holds " + floats + " floats");
    }
    array = new float[(int) size];
  }

  /**
   * Allocates tensors that {@link #next} gives, in this order.
   *
   * @param widths floats of a row of each
   */
  Arena(int rows, long[] widths) {
    this(widths.length, rows * LongStream.of(widths).sum());
    this.rows = rows;
    this.widths = widths;
  }

  /** Floats that are allocated. */
  static long size(int tensors, long floats) {
    return Floats.FRONT + (long) tensors * (LINE + GAP) + floats;
  }

  /** The same of tensors with these widths. */
  static long size(int rows, long[] widths) {
    return size(widths.length, rows * LongStream.of(widths).sum());
  }

  /** The next of the tensors whose widths were given. */
  Floats next() {
    return floats((int) (rows * widths[taken++]));
  }

  /** Room for another tensor. */
  Floats floats(int size) {
    Floats tensor = new Floats(array, next);
    next += (size + LINE - 1) / LINE * LINE + GAP;
    return tensor;
  }
}

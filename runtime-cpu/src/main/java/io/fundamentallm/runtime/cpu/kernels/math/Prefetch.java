package io.fundamentallm.runtime.cpu.kernels.math;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorMask;

/**
 * Asks for a cache line that will be needed, and waits for nothing.
 *
 * <p>Java has no instruction for it, and a load is no substitute: it holds back all that comes
 * after it, so that a loop waits for memory with no more lines under way than its instructions
 * reach ahead, some 17 to 30. A store with a mask that selects no lane writes nothing and holds
 * back nothing, but Intel's processors fetch the line for it, as they do for any store. On Emerald
 * Rapids, from memory, that makes one row of int8 weights 1.3 times as fast, of int4 1.5, and
 * sixteen rows of floats 1.4. It must be spread over a loop: of lines asked for at a time a core
 * fetches those for which it has room, some sixteen, and forgets the others. And it must be a loop
 * that stores little: one that expands weights became slower by a tenth to a fifth, as its own
 * stores wait behind these. The line is taken out of the caches of other cores, so this is for what
 * one thread reads at a time.
 */
public final class Prefetch {

  /** Floats or ints of a cache line. */
  public static final int LINE = 16;

  /**
   * Whether such a store is one instruction here, of a processor that is known to fetch for it:
   * Intel's with AVX-512, on JDK 21 and later, of which 25 was measured. Elsewhere it takes time.
   */
  public static final boolean WORKS =
      Processor.INTEL && VL == LINE && Runtime.version().feature() >= 21;

  /** Ints that are read while others, as far away, are asked for: 32 KiB. */
  static final int WINDOW = 8192;

  /** Places of the next window from which lines are asked for by turns. */
  private static final int PLACES = 4;

  private static final int PAIRS_OF_PLACE = WINDOW / (2 * LINE) / PLACES;

  /** Blocks that are read while lines of as many others are {@linkplain #place asked for}. */
  private static final int BLOCKS = 32;

  /** Ints between two lines that are asked for with the same block: a page. */
  public static final int PLACE = BLOCKS * 2 * LINE;

  private static final VectorMask<Float> NO_FLOAT = VectorMask.fromLong(SPECIES, 0);
  private static final VectorMask<Integer> NO_INT = VectorMask.fromLong(Lanes.INTS, 0);

  private Prefetch() {}

  /**
   * Asks for the lines of {@code a[at]} and the fifteen numbers after it, which exist. Its mask is
   * unpacked at each call; a loop that asks often has one in a local.
   */
  public static void line(float[] a, int at) {
    FloatVector.zero(SPECIES).intoArray(a, at, NO_FLOAT);
  }

  /** The same of ints. */
  public static void line(int[] a, int at) {
    IntVector.zero(Lanes.INTS).intoArray(a, at, NO_INT);
  }

  /**
   * Asks for a line that will be read after that of {@code a[at]}, in an array of a line or more
   * that is read from front to back: while the lines of a window are read, every second one of the
   * next is asked for, one with every second line, from four places by turns. From a line that was
   * asked for a processor fetches on by itself, some 20 lines, up to the end of a page; so from
   * four places more of them are under way than from one. If all were asked for, they would fill
   * the buffers of a core: on Emerald Rapids one row of int8 weights takes as long then from
   * memory, but 1.1 to 1.5 times as long from the third-level cache.
   */
  public static void after(int[] a, int at) {
    if (asks(at)) {
      line(a, next(at, a.length));
    }
  }

  /**
   * Whether there is room for {@link #place}.
   *
   * @param ints of a block
   * @param length of the array
   */
  public static boolean places(int ints, int length) {
    return length >= BLOCKS * ints;
  }

  /**
   * The first line to ask for while a block is read, in an array of blocks that is read from front
   * to back. Others follow at distances of {@link #PLACE}, one for each two lines of a block: so
   * while 32 blocks are read every second line of the next 32 is asked for once, and the lines of
   * one block are each in another page. It is cheaper than {@link #after}, as it is computed once
   * for a block. Near the end of the array they are lines of its last 32 blocks.
   *
   * @param at where the block begins, at a multiple of {@code ints}
   * @param ints of a block, an even number of lines
   * @param length of the array, in which there is {@linkplain #places room}
   */
  public static int place(int at, int ints, int length) {
    int block = at / ints & BLOCKS - 1;
    int window = at - block * ints;
    int next =
        window > length - 2 * BLOCKS * ints ? length - BLOCKS * ints : window + BLOCKS * ints;
    return next + block * 2 * LINE;
  }

  /** Whether that line is one of those with which another is asked for. */
  static boolean asks(int at) {
    return (at & LINE) == 0;
  }

  /** The index in the next window; of the last line where the array ends before it. */
  static int next(int at, int length) {
    int pair = (at & WINDOW - 1) / (2 * LINE);
    int other = pair % PLACES * PAIRS_OF_PLACE + pair / PLACES;
    return Math.min(at + WINDOW + (other - pair) * 2 * LINE, length - LINE);
  }
}

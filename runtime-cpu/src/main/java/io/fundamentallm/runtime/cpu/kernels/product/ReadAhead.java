package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import io.fundamentallm.runtime.cpu.kernels.math.Processor;

/**
 * How a processor fetches what will be read next. It decides in which order a few rows read their
 * weights; the sums, and so the bits, are the same.
 *
 * <p>Intel's fetch a stream ahead by some 20 cache lines, within a page, and look ahead by as many
 * instructions as they can hold back, which for quantised weights are those of 20 to 30 lines: less
 * than memory takes to answer. So lines are {@linkplain Prefetch asked for} while others are
 * multiplied, in single rows {@linkplain Prefetch#after from four places}, of int4 {@linkplain
 * Prefetch#place from ten}, of a file's blocks from two panels; where that does not work, as on JDK
 * 17, several panels are read by turns, about 1 KiB at a time, which are several streams: while one
 * is multiplied the others are fetched. On Granite Rapids, from memory, turns made int4 1.4 times
 * as fast as one stream, int8 1.3 and floats 1.15. AMD's follow one stream far ahead, and lose it
 * at each turn: on Zen 5 one core reads int8 at 33 GB/s in one stream, at 16 by turns.
 *
 * <p>From a cache no processor waits so long, and turns only interrupt the loop: on Emerald Rapids
 * a model of 15 million int8 weights decodes 1.2 times as fast in one stream, of int4 1.15 times.
 */
final class ReadAhead {
  private static final boolean BY_TURNS = Processor.INTEL && !Prefetch.WORKS;

  /** Panels that are read by turns from memory; 1 where they never are. */
  static final int STREAMS = BY_TURNS ? 8 : 1;

  /**
   * Weights of more bytes are read from memory in each pass. Third-level caches hold 32 MiB and
   * more, but other programs and activations have their share; Intel's hold some ten times that.
   */
  private static final long CACHE = (Processor.INTEL ? 32L : 12L) << 20;

  /** By how many ints rows of bf16 are prefetched, from one place. */
  static final int INTS = 4096;

  /** By how many ints of each panel blocks of two panels are asked for, at least: 4 KiB. */
  private static final int PAIR_INTS = 1024;

  private ReadAhead() {}

  /**
   * Loads a number of each cache line, so that what unpacks them finds them in the cache. A loop
   * that computes with what it loads waits for memory with some 20 lines under way, as many as its
   * instructions let a processor hold back; this asks for ten times as many, best some 10 KiB at a
   * time. On Zen 5, from memory, it made sixteen rows times int8 weights 1.5 times as fast; one row
   * times Q4_K or Q8_0 1.2 to 1.5 times, Q6_K 1.7 to 2.2; two or three rows times int4 1.1 to 1.2,
   * and one row only where neighbours use memory too. One row times int8, whose loop is the
   * shortest, gains nothing. Does nothing where it is not {@linkplain #ahead of use}.
   */
  static void touch(PackedProduct p, int[] words, int from, int to) {
    int all = 0;
    int end = ahead(p) ? Math.min(to, words.length) : from; // the last group may be smaller
    for (int i = from; i < end; i += Prefetch.LINE) {
      all ^= words[i];
    }
    p.touched ^= all; // or the compiler would leave the loads out
  }

  /**
   * The same of floats, for products for which it is {@linkplain #ahead of use}, best some 100 KiB
   * at a time: on Zen 5, from memory, five to sixteen rows became 1.2 to 1.4 times as fast.
   */
  static void touch(PackedProduct p, float[] values, int from, int to) {
    int all = 0;
    for (int i = from; i < to; i += Prefetch.LINE) {
      all ^= Float.floatToRawIntBits(values[i]);
    }
    p.touched ^= all;
  }

  /** Whether a pass has its weights from memory. */
  static boolean fromMemory(PackedProduct p) {
    return p.reads > CACHE;
  }

  /**
   * Plans which lines are {@linkplain #prefetch prefetched} while some blocks are multiplied.
   *
   * @param from the first of {@code ints} that will be read
   * @param part which of {@code parts} equal ones of these are left to these blocks
   */
  static void plan(PackedProduct p, int from, int ints, int blocks, int part, int parts) {
    int each = blocks * parts * Prefetch.LINE;
    p.lines = prefetches(p) ? (ints + each - 1) / each : 0;
    p.next = from + part * blocks * p.lines * Prefetch.LINE;
  }

  /**
   * Plans which lines are {@linkplain #ask asked for} while some blocks of two panels are
   * multiplied: those of the blocks that follow in both panels, or of the next two panels. None
   * near the end of the array, where less than a panel would follow them.
   *
   * @param panel the first
   * @param at where its blocks begin
   * @param ints of these blocks of a panel
   * @param asks how many lines they ask for in both panels
   */
  static void planPair(BlockWeights w, PackedProduct p, int panel, int at, int ints, int asks) {
    int ahead = (PAIR_INTS + ints - 1) / ints * ints;
    boolean inPanel = at + ahead < (panel + 1) * w.panelStep;
    int next = inPanel ? ahead : ahead + w.panelStep; // after a pair comes the next one
    boolean exists = at <= w.words.length - next - w.panelStep - 2 * ints - Prefetch.LINE;
    p.next = at + next;
    p.apart = exists ? 2 * ints / asks : 0;
  }

  /** Asks for lines as {@linkplain #planPair planned}, so many ints apart; for none if 0. */
  static void ask(int[] words, int from, int lines, int apart) {
    if (Prefetch.WORKS && apart != 0) {
      for (int i = 0; i < lines; i++) {
        Prefetch.line(words, from + i * apart);
      }
    }
  }

  /** Prefetches the share of a block. */
  static void prefetch(PackedProduct p, int[] words, int block) {
    if (Prefetch.WORKS) {
      int ints = p.lines * Prefetch.LINE;
      prefetch(words, p.next + block * ints, ints);
    }
  }

  /** Prefetches some lines, or others where there are none. */
  private static void prefetch(int[] words, int from, int ints) {
    if (Prefetch.WORKS) {
      int at = Math.max(0, Math.min(from, words.length - ints));
      for (int i = 0; i < ints; i += Prefetch.LINE) {
        Prefetch.line(words, at + i);
      }
    }
  }

  /**
   * Whether lines of a product's weights are {@linkplain Prefetch asked for} as others are used. In
   * a third-level cache that is near they gain little, in the second one they cost a tenth.
   */
  static boolean prefetches(PackedProduct p) {
    return Prefetch.WORKS && fromMemory(p) && p.rows <= VectorLinear.FEW_ROWS;
  }

  /** Panels that a product's rows read by turns; 1 if one after the other. */
  static int streams(PackedProduct p) {
    return fromMemory(p) ? STREAMS : 1;
  }

  /**
   * Whether it is of use to read a product's weights ahead: where lines are prefetched or panels
   * are read by turns they are under way already, and what is in a cache takes up to half as long
   * again if it is read twice.
   */
  static boolean ahead(PackedProduct p) {
    return !Processor.INTEL && fromMemory(p);
  }
}

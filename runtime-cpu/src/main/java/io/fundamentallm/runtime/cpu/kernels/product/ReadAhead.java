package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * How a processor fetches what will be read next. It decides in which order a few rows read their
 * weights; the sums, and so the bits, are the same.
 *
 * <p>Intel's fetch a stream ahead by some 20 cache lines, within a page, and look ahead by as many
 * instructions as they can hold back, which for quantised weights are those of 20 to 30 lines: less
 * than memory takes to answer. Several panels by turns, about 1 KiB at a time, are several streams:
 * while one is multiplied the others are fetched. On Granite Rapids, from memory, that made int4
 * 1.4 times as fast as one stream, int8 1.3 and floats 1.15. AMD's follow one stream far ahead, and
 * lose it at each turn: on Zen 5 one core reads int8 at 33 GB/s in one stream, at 16 by turns.
 *
 * <p>From a cache no processor waits so long, and turns only interrupt the loop: on Emerald Rapids
 * a model of 15 million int8 weights decodes 1.2 times as fast in one stream, of int4 1.15 times.
 */
final class ReadAhead {
  private static final boolean BY_TURNS = Processor.INTEL;

  /** Panels that are read by turns from memory; 1 where they never are. */
  static final int STREAMS = BY_TURNS ? 8 : 1;

  /**
   * Weights of more bytes are read from memory in each pass. Third-level caches hold 32 MiB and
   * more, but other programs and activations have their share; Intel's hold some ten times that.
   */
  private static final long CACHE = (BY_TURNS ? 32L : 12L) << 20;

  /** Numbers of a cache line. */
  private static final int LINE = 16;

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
    for (int i = from; i < end; i += LINE) {
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
    for (int i = from; i < to; i += LINE) {
      all ^= Float.floatToRawIntBits(values[i]);
    }
    p.touched ^= all;
  }

  /** Whether a pass that reads so many bytes of weights has them from memory. */
  static boolean fromMemory(long bytes) {
    return bytes > CACHE;
  }

  /** Panels that a product's rows read by turns; 1 if one after the other. */
  static int streams(PackedProduct p) {
    return p.fromMemory ? STREAMS : 1;
  }

  /**
   * Whether it is of use to read a product's weights ahead: where panels are read by turns they are
   * under way already, and what is in a cache takes up to half as long again if it is read twice.
   */
  static boolean ahead(PackedProduct p) {
    return !BY_TURNS && p.fromMemory;
  }
}

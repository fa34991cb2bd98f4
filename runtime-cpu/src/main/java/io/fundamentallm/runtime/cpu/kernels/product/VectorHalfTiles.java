package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Up to {@link VectorLinear#FEW_ROWS} rows times {@link HalfWeights}, which become floats in
 * registers.
 *
 * <p>A word of BF16 is two floats after a shift and a mask: two operations beside the sixteen
 * multiply-adds of eight rows, where writing floats to scratch and reading them again took longer
 * than four rows' products. So nothing is stored, and there is room to ask for the lines that are
 * read next. F16 takes seven operations ({@link VectorF16Tiles}). On an Intel Xeon with AMX, JDK
 * 25, from the third-level cache, BF16 became 2.6 times as fast with four rows, 2.3 with eight,
 * 1.45 with sixteen and 1.2 with 32; F16 2.6, 1.35 and 1.1 with four, sixteen and 32. From 48 rows
 * on unpacking once is as fast.
 *
 * <p>The inputs are packed as for {@link VectorPanelTiles}, and each sum has its bits.
 */
final class VectorHalfTiles {

  private static final int SIDE = VectorPanelTiles.SIDE;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int HALF = PackedWeights.HALF;
  private static final int GROUP = PackedWeights.GROUP;

  /**
   * Fewer rows than this are multiplied one by one. So are two where lines can't be asked for: from
   * memory that is up to 1.5 times as fast as a tile.
   */
  static final int LEAST = Prefetch.WORKS ? 2 : VectorFloatTiles.LEAST;

  /** From one column to the next in a whole group. */
  static final int GROUP_STEP = GROUP * HALF;

  /** As in {@link VectorTiles#TERMS}. */
  static final int TERMS = VectorTiles.TERMS;

  /** Places of the next words from which lines are asked for by turns. */
  static final int PLACES = 4;

  /** Rows of the highest tile whose sums fit the registers. */
  private static final int ROWS = VL >= 16 ? 8 : 4;

  /**
   * Columns at a time: 16 KiB of a group, which all rows and both panels find in the first cache.
   */
  private static final int DEPTH = 128;

  private VectorHalfTiles() {}

  /** Whether so few rows are computed, and packed. */
  static boolean takes(PackedProduct p) {
    return p.rows <= VectorLinear.FEW_ROWS && VectorFloatTiles.prepares(p);
  }

  /**
   * Adds to y the products with some panels.
   *
   * @param first the first panel, of a whole group
   * @param end after the last panel of a whole group
   */
  static void multiply(HalfWeights w, PackedProduct p, int first, int end) {
    int columns = w.columns();
    int parts = (columns + DEPTH - 1) / DEPTH;
    int step = (columns + parts - 1) / parts;
    boolean asks = ReadAhead.prefetches(p);
    for (int panel = first; panel < end; panel += GROUP) {
      for (int k = 0; k < columns; k += step) {
        int depth = Math.min(step, columns - k);
        int at = w.wordsAt(panel) + k * GROUP_STEP;
        ReadAhead.touch(p, w.words, at, at + depth * GROUP_STEP);
        int next = Math.min(at, w.words.length - 2 * depth * GROUP_STEP) + depth * GROUP_STEP;
        for (int own = 0; own < GROUP; own++) {
          int yAt = p.yAt + (panel + own) * PANEL;
          rows(w, p, k, depth, at + own * HALF, next + own * HALF, asks, yAt);
        }
      }
    }
  }

  private static void rows(
      HalfWeights w, PackedProduct p, int k, int depth, int at, int next, boolean asks, int yAt) {
    int size = VectorFloatTiles.size(w.columns());
    for (int row = 0; row < p.rows; row += ROWS) {
      int xAt = p.preparedAt + k * SIDE + row / SIDE * size;
      // the first rows ask, others find what was read
      boolean first = asks && row == 0;
      for (int lane = 0; lane < HALF; lane += VL) {
        int to = yAt + row * p.ldy + lane;
        tile(w, p, p.rows - row, depth, xAt, size, at + lane, next + lane, first, to);
      }
    }
  }

  private static void tile(
      HalfWeights w,
      PackedProduct p,
      int rows,
      int k,
      int xAt,
      int size,
      int at,
      int next,
      boolean asks,
      int yAt) {
    boolean low = ROWS == SIDE || rows <= SIDE;
    int last = rows - 1;
    float[] x = p.prepared;
    int[] words = w.words;
    if (w.bf16() && low) {
      four(last, k, x, xAt, words, at, next, asks, p.y, yAt, p.ldy);
    } else if (w.bf16()) {
      eight(last, k, x, xAt, size, words, at, next, asks, p.y, yAt, p.ldy);
    } else if (low) {
      VectorF16Tiles.four(last, k, x, xAt, words, at, next, asks, p.y, yAt, p.ldy);
    } else {
      VectorF16Tiles.eight(last, k, x, xAt, size, words, at, next, asks, p.y, yAt, p.ldy);
    }
  }

  /**
   * Eight rows of BF16, written out for the reason that {@link VectorLowTiles} gives. A missing row
   * has zeros for inputs and shares the place of the last one, which is written after it.
   *
   * @param size from the first four packed rows to the second
   * @param next where the words begin that are read next
   * @param asks whether to ask for their lines, from several places by turns as in {@link
   *     VectorPrefetchTiles}; if k is no multiple of four, up to three are left out
   */
  private static void eight(
      int last,
      int k,
      float[] x,
      int xAt,
      int size,
      int[] words,
      int at,
      int next,
      boolean asks,
      float[] y,
      int yAt,
      int ldy) {
    int x1 = xAt + size;
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    int y4 = yAt + Math.min(4, last) * ldy;
    int y5 = yAt + Math.min(5, last) * ldy;
    int y6 = yAt + Math.min(6, last) * ldy;
    int y7 = yAt + Math.min(7, last) * ldy;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    FloatVector s4 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, y, y4 + HALF);
    FloatVector s5 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, y, y5 + HALF);
    FloatVector s6 = FloatVector.fromArray(SPECIES, y, y6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, y, y6 + HALF);
    FloatVector s7 = FloatVector.fromArray(SPECIES, y, y7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, y, y7 + HALF);
    int apart = k / PLACES * GROUP_STEP;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      if (Prefetch.WORKS && asks) {
        Prefetch.line(words, next + i % PLACES * apart + i / PLACES * GROUP_STEP);
      }
      IntVector both = IntVector.fromArray(INTS, words, at + i * GROUP_STEP);
      FloatVector u = both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector v = both.and(VectorHalf.UPPER).reinterpretAsFloats();
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE]);
      s4 = f.fma(u, s4);
      t4 = f.fma(v, t4);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 1]);
      s5 = f.fma(u, s5);
      t5 = f.fma(v, t5);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 2]);
      s6 = f.fma(u, s6);
      t6 = f.fma(v, t6);
      f = FloatVector.broadcast(SPECIES, x[x1 + i * SIDE + 3]);
      s7 = f.fma(u, s7);
      t7 = f.fma(v, t7);
    }
    s7.intoArray(y, y7);
    t7.intoArray(y, y7 + HALF);
    s6.intoArray(y, y6);
    t6.intoArray(y, y6 + HALF);
    s5.intoArray(y, y5);
    t5.intoArray(y, y5 + HALF);
    s4.intoArray(y, y4);
    t4.intoArray(y, y4 + HALF);
    s3.intoArray(y, y3);
    t3.intoArray(y, y3 + HALF);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + HALF);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + HALF);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + HALF);
  }

  /** Four rows of BF16; parameters as of {@link #eight}. */
  private static void four(
      int last,
      int k,
      float[] x,
      int xAt,
      int[] words,
      int at,
      int next,
      boolean asks,
      float[] y,
      int yAt,
      int ldy) {
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + HALF);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + HALF);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + HALF);
    int apart = k / PLACES * GROUP_STEP;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      if (Prefetch.WORKS && asks) {
        Prefetch.line(words, next + i % PLACES * apart + i / PLACES * GROUP_STEP);
      }
      IntVector both = IntVector.fromArray(INTS, words, at + i * GROUP_STEP);
      FloatVector u = both.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats();
      FloatVector v = both.and(VectorHalf.UPPER).reinterpretAsFloats();
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE]);
      s0 = f.fma(u, s0);
      t0 = f.fma(v, t0);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 1]);
      s1 = f.fma(u, s1);
      t1 = f.fma(v, t1);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 2]);
      s2 = f.fma(u, s2);
      t2 = f.fma(v, t2);
      f = FloatVector.broadcast(SPECIES, x[xAt + i * SIDE + 3]);
      s3 = f.fma(u, s3);
      t3 = f.fma(v, t3);
    }
    s3.intoArray(y, y3);
    t3.intoArray(y, y3 + HALF);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + HALF);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + HALF);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + HALF);
  }
}

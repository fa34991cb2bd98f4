package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Products with {@link HalfWeights}: one row at the speed of memory, a few by {@link
 * VectorHalfTiles}, many after some columns of a panel were made floats in scratch.
 */
final class VectorHalf {

  private static final int HALF = PackedWeights.HALF;
  private static final int PANEL = PackedWeights.PANEL;
  private static final int GROUP = PackedWeights.GROUP;

  // With a constant step the compiler can move index checks out of the loop.
  private static final int GROUP_STEP = GROUP * HALF;

  /** The upper 16 bits: as a float, what BF16 stands for. */
  static final int UPPER = 0xFFFF0000;

  /** Sign, exponent and fraction of F16 after a shift to the right by 3 of the upper half. */
  static final int F16_BITS = 0x8FFFE000;

  // Columns at a time when many rows share a panel: 48 KiB of floats.
  private static final int DEPTH = 384;

  private VectorHalf() {}

  /**
   * Adds to y the product of some columns of one row x and of one or two panels of a group.
   *
   * @param column the first of {@code columns}, which is at {@code xAt}
   * @param prefetches whether to ask for words that will be read after these
   */
  static void row(
      HalfWeights w,
      int panel,
      int panels,
      int column,
      int columns,
      boolean prefetches,
      float[] x,
      int xAt,
      float[] y,
      int yAt) {
    int at = w.wordsAt(panel) + column * w.step(panel);
    for (int lane = 0; lane < HALF; lane += VL) {
      if (panels == GROUP && w.bf16()) {
        // from one place: with as little to do for a line as here, finding four takes too long
        int last = at + columns * GROUP_STEP + ReadAhead.INTS;
        int ahead = prefetches && last <= w.words.length ? ReadAhead.INTS : 0;
        bf16(columns, ahead, x, xAt, w.words, at + lane, y, yAt + lane);
      } else if (panels == GROUP) {
        f16(columns, prefetches, x, xAt, w.words, at + lane, y, yAt + lane);
      } else {
        one(w, columns, w.step(panel), x, xAt, at + lane, y, yAt + lane);
      }
    }
  }

  private static void bf16(
      int columns, int ahead, float[] x, int xAt, int[] words, int at, float[] y, int yAt) {
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL + HALF);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      if (Prefetch.WORKS && ahead != 0) {
        Prefetch.line(words, at + ahead + k * GROUP_STEP);
        Prefetch.line(words, at + ahead + k * GROUP_STEP + HALF);
      }
      IntVector v = IntVector.fromArray(INTS, words, at + k * GROUP_STEP);
      low0 = f.fma(v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), low0);
      high0 = f.fma(v.and(UPPER).reinterpretAsFloats(), high0);
      v = IntVector.fromArray(INTS, words, at + k * GROUP_STEP + HALF);
      low1 = f.fma(v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), low1);
      high1 = f.fma(v.and(UPPER).reinterpretAsFloats(), high1);
    }
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
    low1.intoArray(y, yAt + PANEL);
    high1.intoArray(y, yAt + PANEL + HALF);
  }

  private static void f16(
      int columns,
      boolean prefetches,
      float[] x,
      int xAt,
      int[] words,
      int at,
      float[] y,
      int yAt) {
    FloatVector low0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high0 = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    FloatVector low1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL);
    FloatVector high1 = FloatVector.fromArray(SPECIES, y, yAt + PANEL + HALF);
    for (int k = 0; k < columns; k++) {
      FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
      if (Prefetch.WORKS && prefetches) {
        Prefetch.after(words, at + k * GROUP_STEP);
        Prefetch.after(words, at + k * GROUP_STEP + HALF);
      }
      IntVector v = IntVector.fromArray(INTS, words, at + k * GROUP_STEP);
      low0 =
          f.fma(
              v.lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE),
              low0);
      high0 =
          f.fma(
              v.lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE),
              high0);
      v = IntVector.fromArray(INTS, words, at + k * GROUP_STEP + HALF);
      low1 =
          f.fma(
              v.lanewise(VectorOperators.LSHL, 16)
                  .lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE),
              low1);
      high1 =
          f.fma(
              v.lanewise(VectorOperators.ASHR, 3)
                  .and(VectorHalf.F16_BITS)
                  .reinterpretAsFloats()
                  .mul(Half.SCALE),
              high1);
    }
    low0.intoArray(y, yAt);
    high0.intoArray(y, yAt + HALF);
    low1.intoArray(y, yAt + PANEL);
    high1.intoArray(y, yAt + PANEL + HALF);
  }

  private static void one(
      HalfWeights w, int columns, int step, float[] x, int xAt, int at, float[] y, int yAt) {
    int[] words = w.words;
    FloatVector low = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector high = FloatVector.fromArray(SPECIES, y, yAt + HALF);
    if (w.bf16()) {
      for (int k = 0; k < columns; k++) {
        FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
        IntVector v = IntVector.fromArray(INTS, words, at + k * step);
        low = f.fma(v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats(), low);
        high = f.fma(v.and(UPPER).reinterpretAsFloats(), high);
      }
    } else {
      for (int k = 0; k < columns; k++) {
        FloatVector f = FloatVector.broadcast(SPECIES, x[xAt + k]);
        IntVector v = IntVector.fromArray(INTS, words, at + k * step);
        low =
            f.fma(
                v.lanewise(VectorOperators.LSHL, 16)
                    .lanewise(VectorOperators.ASHR, 3)
                    .and(VectorHalf.F16_BITS)
                    .reinterpretAsFloats()
                    .mul(Half.SCALE),
                low);
        high =
            f.fma(
                v.lanewise(VectorOperators.ASHR, 3)
                    .and(VectorHalf.F16_BITS)
                    .reinterpretAsFloats()
                    .mul(Half.SCALE),
                high);
      }
    }
    low.intoArray(y, yAt);
    high.intoArray(y, yAt + HALF);
  }

  /** More rows than one. */
  static void tiles(HalfWeights w, PackedProduct p) {
    if (!VectorHalfTiles.takes(p)) {
      tiles(w, p, p.fromPanel, p.toPanel);
      return;
    }
    int first = Math.min(p.toPanel, (p.fromPanel + GROUP - 1) / GROUP * GROUP);
    int end = Math.max(first, p.toPanel / GROUP * GROUP);
    tiles(w, p, p.fromPanel, first);
    VectorHalfTiles.multiply(w, p, first, end);
    tiles(w, p, end, p.toPanel);
  }

  private static void tiles(HalfWeights w, PackedProduct p, int first, int last) {
    if (p.rows < VectorFloatTiles.LEAST) {
      for (int panel = first; panel < last; panel++) {
        for (int i = 0; i < p.rows; i++) {
          int to = p.yAt + i * p.ldy + panel * PANEL;
          row(w, panel, 1, 0, w.columns(), false, p.x, p.xAt + i * p.ldx, p.y, to);
        }
      }
      return;
    }
    float[] strips = p.floats.scratch;
    for (int k = 0; k < w.columns(); k += DEPTH) {
      int depth = Math.min(DEPTH, w.columns() - k);
      int strip = depth * HALF;
      VectorFloatTiles.begin(p, k, depth);
      for (int panel = first; panel < last; panel++) {
        expand(w, panel, k, depth, strips, Floats.FRONT, Floats.FRONT + strip);
        VectorFloatTiles.multiply(p, panel, k, depth, strips, Floats.FRONT, strip);
      }
    }
  }

  /** Writes some columns of a panel as strips of floats. */
  private static void expand(
      HalfWeights w, int panel, int column, int count, float[] to, int low, int high) {
    int[] words = w.words;
    int step = w.step(panel);
    int at = w.wordsAt(panel) + column * step;
    for (int lane = 0; lane < HALF; lane += VL) {
      if (w.bf16()) {
        for (int i = 0; i < count; i++) {
          IntVector v = IntVector.fromArray(INTS, words, at + i * step + lane);
          int row = i * HALF + lane;
          v.lanewise(VectorOperators.LSHL, 16).reinterpretAsFloats().intoArray(to, low + row);
          v.and(UPPER).reinterpretAsFloats().intoArray(to, high + row);
        }
      } else {
        for (int i = 0; i < count; i++) {
          IntVector v = IntVector.fromArray(INTS, words, at + i * step + lane);
          int row = i * HALF + lane;
          v.lanewise(VectorOperators.LSHL, 16)
              .lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE)
              .intoArray(to, low + row);
          v.lanewise(VectorOperators.ASHR, 3)
              .and(VectorHalf.F16_BITS)
              .reinterpretAsFloats()
              .mul(Half.SCALE)
              .intoArray(to, high + row);
        }
      }
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import io.fundamentallm.runtime.cpu.kernels.math.Prefetch;
import jdk.incubator.vector.FloatVector;

/**
 * The tiles of {@link VectorRegisterTiles}, of four and eight rows, for weights that come from
 * memory: each step asks for a line of one or two strips that are read next, so that reading and
 * computing overlap. Without that a batch of sixteen takes as long as both together, since a
 * processor looks ahead by some 500 instructions, which are those of 17 lines, where memory takes
 * the time of more than forty to answer.
 *
 * <p>Lines are asked for from four places of a strip by turns, since neighbours are mostly in one
 * page, within which the processor fetches on by itself. Each is asked for once, since asking takes
 * two of the operations that a step has room for; if their number is no multiple of four, up to
 * three are left out. On an Intel Xeon with AMX, JDK 25, sixteen rows became 1.19 to 1.27 times as
 * fast by both and by weights that begin with a line.
 *
 * <p>Written out again, because values that cross a call are kept in memory.
 */
final class VectorPrefetchTiles {

  private static final int SIDE = VectorPanelTiles.SIDE;
  private static final int STRIP = FloatWeights.STRIP;

  /** As in {@link VectorTiles#TERMS}. */
  private static final int TERMS = VectorTiles.TERMS;

  /** Places of a strip from which lines are asked for by turns. */
  private static final int PLACES = 4;

  private VectorPrefetchTiles() {}

  /**
   * Four rows.
   *
   * @param next0 where in w a strip begins that will be read
   * @param next1 another one, or the same: then each line is asked for once
   */
  static void four(
      int last,
      int k,
      float[] x,
      int xAt,
      float[] w,
      int w0,
      int w1,
      int next0,
      int next1,
      float[] y,
      int yAt,
      int ldy) {
    int y1 = yAt + Math.min(1, last) * ldy;
    int y2 = yAt + Math.min(2, last) * ldy;
    int y3 = yAt + Math.min(3, last) * ldy;
    FloatVector s0 = FloatVector.fromArray(SPECIES, y, yAt);
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + VL);
    int apart = k / PLACES * STRIP;
    boolean both = next1 != next0;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, w0 + i * STRIP);
      FloatVector v = FloatVector.fromArray(SPECIES, w, w1 + i * STRIP);
      int line = i % PLACES * apart + i / PLACES * STRIP;
      Prefetch.line(w, next0 + line);
      if (both) {
        Prefetch.line(w, next1 + line);
      }
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
    t3.intoArray(y, y3 + VL);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + VL);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + VL);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + VL);
  }

  /** The same for eight rows, the second four {@code size} after the first. */
  static void eight(
      int last,
      int k,
      float[] x,
      int xAt,
      int size,
      float[] w,
      int w0,
      int w1,
      int next0,
      int next1,
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
    FloatVector t0 = FloatVector.fromArray(SPECIES, y, yAt + VL);
    FloatVector s1 = FloatVector.fromArray(SPECIES, y, y1);
    FloatVector t1 = FloatVector.fromArray(SPECIES, y, y1 + VL);
    FloatVector s2 = FloatVector.fromArray(SPECIES, y, y2);
    FloatVector t2 = FloatVector.fromArray(SPECIES, y, y2 + VL);
    FloatVector s3 = FloatVector.fromArray(SPECIES, y, y3);
    FloatVector t3 = FloatVector.fromArray(SPECIES, y, y3 + VL);
    FloatVector s4 = FloatVector.fromArray(SPECIES, y, y4);
    FloatVector t4 = FloatVector.fromArray(SPECIES, y, y4 + VL);
    FloatVector s5 = FloatVector.fromArray(SPECIES, y, y5);
    FloatVector t5 = FloatVector.fromArray(SPECIES, y, y5 + VL);
    FloatVector s6 = FloatVector.fromArray(SPECIES, y, y6);
    FloatVector t6 = FloatVector.fromArray(SPECIES, y, y6 + VL);
    FloatVector s7 = FloatVector.fromArray(SPECIES, y, y7);
    FloatVector t7 = FloatVector.fromArray(SPECIES, y, y7 + VL);
    int apart = k / PLACES * STRIP;
    boolean both = next1 != next0;
    for (int i = 0; i < Math.min(k, TERMS); i++) {
      FloatVector u = FloatVector.fromArray(SPECIES, w, w0 + i * STRIP);
      FloatVector v = FloatVector.fromArray(SPECIES, w, w1 + i * STRIP);
      int line = i % PLACES * apart + i / PLACES * STRIP;
      Prefetch.line(w, next0 + line);
      if (both) {
        Prefetch.line(w, next1 + line);
      }
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
    t7.intoArray(y, y7 + VL);
    s6.intoArray(y, y6);
    t6.intoArray(y, y6 + VL);
    s5.intoArray(y, y5);
    t5.intoArray(y, y5 + VL);
    s4.intoArray(y, y4);
    t4.intoArray(y, y4 + VL);
    s3.intoArray(y, y3);
    t3.intoArray(y, y3 + VL);
    s2.intoArray(y, y2);
    t2.intoArray(y, y2 + VL);
    s1.intoArray(y, y1);
    t1.intoArray(y, y1 + VL);
    s0.intoArray(y, yAt);
    t0.intoArray(y, yAt + VL);
  }
}

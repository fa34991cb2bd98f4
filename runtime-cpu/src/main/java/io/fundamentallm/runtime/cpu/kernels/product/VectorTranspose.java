package io.fundamentallm.runtime.cpu.kernels.product;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorMask;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Transposes squares of 16×16 floats in the registers of AVX-512: four rounds of exchanging the
 * upper half of one row with the lower half of another, for halves of 8, 4, 2 and 1 (Eklundh 1972).
 */
final class VectorTranspose {

  /** Rows and columns of a square. */
  static final int SIDE = 16;

  private static final VectorSpecies<Float> SPECIES = FloatVector.SPECIES_512;
  private static final VectorShuffle<Float> SWAP_1 = swap(1);
  private static final VectorShuffle<Float> SWAP_2 = swap(2);
  private static final VectorShuffle<Float> SWAP_4 = swap(4);
  private static final VectorShuffle<Float> SWAP_8 = swap(8);
  private static final VectorMask<Float> UPPER_1 = upper(1);
  private static final VectorMask<Float> UPPER_2 = upper(2);
  private static final VectorMask<Float> UPPER_4 = upper(4);
  private static final VectorMask<Float> UPPER_8 = upper(8);

  private VectorTranspose() {}

  private static VectorShuffle<Float> swap(int distance) {
    return VectorShuffle.fromOp(SPECIES, lane -> lane ^ distance);
  }

  private static VectorMask<Float> upper(int distance) {
    boolean[] lanes = new boolean[SIDE];
    for (int i = 0; i < SIDE; i++) {
      lanes[i] = (i & distance) != 0;
    }
    return VectorMask.fromArray(SPECIES, lanes, 0);
  }

  /**
   * Writes the rows of x [SIDE][SIDE] as the columns of out.
   *
   * @param last the last existing row, which stands in for those beyond
   * @param ldo distance between two rows of out
   */
  static void square(float[] x, int at, int ldx, int last, float[] out, int outAt, int ldo) {
    FloatVector x0 = FloatVector.fromArray(SPECIES, x, at + Math.min(0, last) * ldx);
    FloatVector x1 = FloatVector.fromArray(SPECIES, x, at + Math.min(1, last) * ldx);
    FloatVector x2 = FloatVector.fromArray(SPECIES, x, at + Math.min(2, last) * ldx);
    FloatVector x3 = FloatVector.fromArray(SPECIES, x, at + Math.min(3, last) * ldx);
    FloatVector x4 = FloatVector.fromArray(SPECIES, x, at + Math.min(4, last) * ldx);
    FloatVector x5 = FloatVector.fromArray(SPECIES, x, at + Math.min(5, last) * ldx);
    FloatVector x6 = FloatVector.fromArray(SPECIES, x, at + Math.min(6, last) * ldx);
    FloatVector x7 = FloatVector.fromArray(SPECIES, x, at + Math.min(7, last) * ldx);
    FloatVector x8 = FloatVector.fromArray(SPECIES, x, at + Math.min(8, last) * ldx);
    FloatVector x9 = FloatVector.fromArray(SPECIES, x, at + Math.min(9, last) * ldx);
    FloatVector xa = FloatVector.fromArray(SPECIES, x, at + Math.min(10, last) * ldx);
    FloatVector xb = FloatVector.fromArray(SPECIES, x, at + Math.min(11, last) * ldx);
    FloatVector xc = FloatVector.fromArray(SPECIES, x, at + Math.min(12, last) * ldx);
    FloatVector xd = FloatVector.fromArray(SPECIES, x, at + Math.min(13, last) * ldx);
    FloatVector xe = FloatVector.fromArray(SPECIES, x, at + Math.min(14, last) * ldx);
    FloatVector xf = FloatVector.fromArray(SPECIES, x, at + Math.min(15, last) * ldx);

    FloatVector y = x0.rearrange(SWAP_8);
    x0 = x0.blend(x8.rearrange(SWAP_8), UPPER_8);
    x8 = y.blend(x8, UPPER_8);
    y = x1.rearrange(SWAP_8);
    x1 = x1.blend(x9.rearrange(SWAP_8), UPPER_8);
    x9 = y.blend(x9, UPPER_8);
    y = x2.rearrange(SWAP_8);
    x2 = x2.blend(xa.rearrange(SWAP_8), UPPER_8);
    xa = y.blend(xa, UPPER_8);
    y = x3.rearrange(SWAP_8);
    x3 = x3.blend(xb.rearrange(SWAP_8), UPPER_8);
    xb = y.blend(xb, UPPER_8);
    y = x4.rearrange(SWAP_8);
    x4 = x4.blend(xc.rearrange(SWAP_8), UPPER_8);
    xc = y.blend(xc, UPPER_8);
    y = x5.rearrange(SWAP_8);
    x5 = x5.blend(xd.rearrange(SWAP_8), UPPER_8);
    xd = y.blend(xd, UPPER_8);
    y = x6.rearrange(SWAP_8);
    x6 = x6.blend(xe.rearrange(SWAP_8), UPPER_8);
    xe = y.blend(xe, UPPER_8);
    y = x7.rearrange(SWAP_8);
    x7 = x7.blend(xf.rearrange(SWAP_8), UPPER_8);
    xf = y.blend(xf, UPPER_8);

    y = x0.rearrange(SWAP_4);
    x0 = x0.blend(x4.rearrange(SWAP_4), UPPER_4);
    x4 = y.blend(x4, UPPER_4);
    y = x1.rearrange(SWAP_4);
    x1 = x1.blend(x5.rearrange(SWAP_4), UPPER_4);
    x5 = y.blend(x5, UPPER_4);
    y = x2.rearrange(SWAP_4);
    x2 = x2.blend(x6.rearrange(SWAP_4), UPPER_4);
    x6 = y.blend(x6, UPPER_4);
    y = x3.rearrange(SWAP_4);
    x3 = x3.blend(x7.rearrange(SWAP_4), UPPER_4);
    x7 = y.blend(x7, UPPER_4);
    y = x8.rearrange(SWAP_4);
    x8 = x8.blend(xc.rearrange(SWAP_4), UPPER_4);
    xc = y.blend(xc, UPPER_4);
    y = x9.rearrange(SWAP_4);
    x9 = x9.blend(xd.rearrange(SWAP_4), UPPER_4);
    xd = y.blend(xd, UPPER_4);
    y = xa.rearrange(SWAP_4);
    xa = xa.blend(xe.rearrange(SWAP_4), UPPER_4);
    xe = y.blend(xe, UPPER_4);
    y = xb.rearrange(SWAP_4);
    xb = xb.blend(xf.rearrange(SWAP_4), UPPER_4);
    xf = y.blend(xf, UPPER_4);

    y = x0.rearrange(SWAP_2);
    x0 = x0.blend(x2.rearrange(SWAP_2), UPPER_2);
    x2 = y.blend(x2, UPPER_2);
    y = x1.rearrange(SWAP_2);
    x1 = x1.blend(x3.rearrange(SWAP_2), UPPER_2);
    x3 = y.blend(x3, UPPER_2);
    y = x4.rearrange(SWAP_2);
    x4 = x4.blend(x6.rearrange(SWAP_2), UPPER_2);
    x6 = y.blend(x6, UPPER_2);
    y = x5.rearrange(SWAP_2);
    x5 = x5.blend(x7.rearrange(SWAP_2), UPPER_2);
    x7 = y.blend(x7, UPPER_2);
    y = x8.rearrange(SWAP_2);
    x8 = x8.blend(xa.rearrange(SWAP_2), UPPER_2);
    xa = y.blend(xa, UPPER_2);
    y = x9.rearrange(SWAP_2);
    x9 = x9.blend(xb.rearrange(SWAP_2), UPPER_2);
    xb = y.blend(xb, UPPER_2);
    y = xc.rearrange(SWAP_2);
    xc = xc.blend(xe.rearrange(SWAP_2), UPPER_2);
    xe = y.blend(xe, UPPER_2);
    y = xd.rearrange(SWAP_2);
    xd = xd.blend(xf.rearrange(SWAP_2), UPPER_2);
    xf = y.blend(xf, UPPER_2);

    y = x0.rearrange(SWAP_1);
    x0 = x0.blend(x1.rearrange(SWAP_1), UPPER_1);
    x1 = y.blend(x1, UPPER_1);
    y = x2.rearrange(SWAP_1);
    x2 = x2.blend(x3.rearrange(SWAP_1), UPPER_1);
    x3 = y.blend(x3, UPPER_1);
    y = x4.rearrange(SWAP_1);
    x4 = x4.blend(x5.rearrange(SWAP_1), UPPER_1);
    x5 = y.blend(x5, UPPER_1);
    y = x6.rearrange(SWAP_1);
    x6 = x6.blend(x7.rearrange(SWAP_1), UPPER_1);
    x7 = y.blend(x7, UPPER_1);
    y = x8.rearrange(SWAP_1);
    x8 = x8.blend(x9.rearrange(SWAP_1), UPPER_1);
    x9 = y.blend(x9, UPPER_1);
    y = xa.rearrange(SWAP_1);
    xa = xa.blend(xb.rearrange(SWAP_1), UPPER_1);
    xb = y.blend(xb, UPPER_1);
    y = xc.rearrange(SWAP_1);
    xc = xc.blend(xd.rearrange(SWAP_1), UPPER_1);
    xd = y.blend(xd, UPPER_1);
    y = xe.rearrange(SWAP_1);
    xe = xe.blend(xf.rearrange(SWAP_1), UPPER_1);
    xf = y.blend(xf, UPPER_1);

    x0.intoArray(out, outAt + 0 * ldo);
    x1.intoArray(out, outAt + 1 * ldo);
    x2.intoArray(out, outAt + 2 * ldo);
    x3.intoArray(out, outAt + 3 * ldo);
    x4.intoArray(out, outAt + 4 * ldo);
    x5.intoArray(out, outAt + 5 * ldo);
    x6.intoArray(out, outAt + 6 * ldo);
    x7.intoArray(out, outAt + 7 * ldo);
    x8.intoArray(out, outAt + 8 * ldo);
    x9.intoArray(out, outAt + 9 * ldo);
    xa.intoArray(out, outAt + 10 * ldo);
    xb.intoArray(out, outAt + 11 * ldo);
    xc.intoArray(out, outAt + 12 * ldo);
    xd.intoArray(out, outAt + 13 * ldo);
    xe.intoArray(out, outAt + 14 * ldo);
    xf.intoArray(out, outAt + 15 * ldo);
  }
}

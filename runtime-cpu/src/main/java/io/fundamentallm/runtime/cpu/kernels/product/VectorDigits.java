package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.BLOCK;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * Inputs of single rows for words of 16 bits that hold several codes, so that no code has to be
 * masked out.
 *
 * <p>A word of codes c of b bits is a number with the digits c: {@code v = Σ c[i]·2^(b·i)}. Code i
 * is {@code (v >> b·i) − 2^b·(v >> b·(i+1))}, hence {@code Σ c[i]·x[i] = Σ (v >> b·i)·(x[i] −
 * 2^b·x[i−1])}, where x before the first is 0. This holds modulo 2^16, so it is exact where the sum
 * fits in 16 bits.
 *
 * <p>A copy of all rows for each b that the weights need follows the rows, of which there are at
 * most three.
 */
final class VectorDigits {

  /** Rows of each copy. */
  private static final int ROWS = QuantizedRows.FOUR - 1;

  private static final ShortVector[] NOT_LAST = {notLast(2), notLast(4), notLast(8)};

  private VectorDigits() {}

  /** All but the last of each word's columns. */
  private static ShortVector notLast(int bits) {
    short[] mask = new short[2 * VL];
    for (int i = 0; i < VL; i++) {
      short lane = (short) ((i + 1) % (16 / bits) == 0 ? 0 : -1);
      mask[2 * i] = lane;
      mask[2 * i + 1] = lane;
    }
    return ShortVector.fromArray(SHORTS, mask, 0);
  }

  /** How far behind a row its copy for codes of some bits is. */
  static int copy(PackedProduct p, int bits) {
    return place(bits) * ROWS * p.blocks() * QuantizedRows.STRIDE;
  }

  /** 1, 2 and 3 for 2, 4 and 8 bits. */
  private static int place(int bits) {
    return Integer.numberOfTrailingZeros(bits);
  }

  /** Writes the copies of the product's rows, which are quantised and not in tiles. */
  static void write(PackedProduct p) {
    int all = bits(p.weights);
    for (int bits = 2; bits <= 8; bits *= 2) {
      if ((all & bits) != 0) {
        copies(p, bits);
      }
    }
  }

  /** The bits of a code in the words of these weights, or of several, which are disjoint. */
  private static int bits(PackedWeights weights) {
    if (weights instanceof MixedWeights mixed) {
      int all = 0;
      for (int i = 0; i < mixed.parts().size(); i++) {
        all |= bits(mixed.parts().get(i));
      }
      return all;
    }
    if (weights instanceof BlockWeights w) {
      return VectorBlockSums.bits(w.format());
    }
    if (weights instanceof Int4Weights) {
      return 4;
    }
    return weights instanceof Int8Weights ? 8 : 0;
  }

  private static void copies(PackedProduct p, int bits) {
    float[] q = p.quantized;
    int end = p.rows * p.blocks() * QuantizedRows.STRIDE;
    int copy = copy(p, bits);
    boolean halves = halves(p.weights);
    ShortVector notLast = NOT_LAST[place(bits) - 1];
    for (int i = 0; i < end; i += QuantizedRows.STRIDE) {
      int from = p.quantizedAt + i;
      int to = from + copy;
      q[to] = q[from];
      for (int k = 0; k < BLOCK; k += VL) {
        ShortVector before = shorts(q, from + k);
        shorts(q, from + k + 1)
            .sub(before.lanewise(VectorOperators.LSHL, bits).and(notLast))
            .reinterpretAsFloats()
            .intoArray(q, to + k + 1);
      }
      // the last of these was no input
      System.arraycopy(q, from + BLOCK, q, to + BLOCK, QuantizedRows.STRIDE - BLOCK);
      if (halves) {
        q[to + QuantizedRows.FIRST_START] = start(q, from);
      }
    }
  }

  /** Whether the sums of a block's halves are needed, as they have scales of their own. */
  private static boolean halves(PackedWeights weights) {
    if (weights instanceof MixedWeights mixed) {
      boolean any = false;
      for (int i = 0; i < mixed.parts().size(); i++) {
        any |= halves(mixed.parts().get(i));
      }
      return any;
    }
    return weights instanceof BlockWeights w && w.format().scales == BlockFormat.Scales.TWO_BYTES;
  }

  /** −8·Σq of a block's first half. */
  private static float start(float[] q, int at) {
    int sum = 0;
    for (int k = 0; k < BLOCK / 2; k++) {
      sum += (short) Float.floatToRawIntBits(q[at + k]);
    }
    return QuantizedRows.inBothHalves(-8 * sum);
  }

  private static ShortVector shorts(float[] q, int at) {
    return FloatVector.fromArray(SPECIES, q, at).reinterpretAsShorts();
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SHORTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;

/**
 * {@link ProductKernels#prepareRows} on the Vector API. Single rows also have copies for words of
 * 16 bits that hold several codes, so that no code has to be masked out.
 *
 * <p>A word of codes c of b bits is a number with the digits c: {@code v = Σ c[i]·2^(b·i)}. Code i
 * is {@code (v >> b·i) − 2^b·(v >> b·(i+1))}, hence {@code Σ c[i]·x[i] = Σ (v >> b·i)·(x[i] −
 * 2^b·x[i−1])}, where x before the first is 0. This holds modulo 2^16, so it is exact where the sum
 * fits in 16 bits.
 *
 * <p>A copy of all rows for each b that the weights need follows the rows. There are at most three
 * of them, or one copy.
 */
final class VectorRowQuantizer {

  private static final int BLOCK = PackedWeights.BLOCK;

  private static final ShortVector[] NOT_LAST = {
    ShortVector.fromArray(SHORTS, notLast(2), 0),
    ShortVector.fromArray(SHORTS, notLast(4), 0),
    ShortVector.fromArray(SHORTS, notLast(8), 0)
  };

  private VectorRowQuantizer() {}

  static void quantizeRows(PackedProduct p) {
    int blocks = p.blocks();
    boolean floats = QuantizedRows.floats(p.weights, p.tile);
    for (int row = 0; row < p.rows; row++) {
      for (int block = 0; block < blocks; block++) {
        int from = p.xAt + row * p.ldx + block * BLOCK;
        quantize(floats, p.x, from, p.prepared, QuantizedRows.index(p, row, block));
      }
    }
    QuantizedRows.finishHalves(p);
    if (p.tile == 1) {
      writeCopies(p);
    }
    QuantizedRows.fillLastTile(p);
  }

  private static void quantize(boolean floats, float[] x, int xAt, float[] q, int at) {
    FloatVector max = FloatVector.zero(SPECIES);
    for (int k = 0; k < BLOCK; k += VL) {
      max = max.max(FloatVector.fromArray(SPECIES, x, xAt + k).abs());
    }
    float largest = max.reduceLanes(VectorOperators.MAX);
    FloatVector inverse = FloatVector.broadcast(SPECIES, QuantizedRows.inverse(largest));
    IntVector sums = IntVector.zero(INTS);
    for (int k = 0; k < BLOCK; k += VL) {
      IntVector v =
          FloatVector.fromArray(SPECIES, x, xAt + k)
              .mul(inverse)
              .add(QuantizedRows.ROUNDER)
              .reinterpretAsInts();
      IntVector high = v.lanewise(VectorOperators.LSHL, 16);
      IntVector rounded = high.lanewise(VectorOperators.ASHR, 16);
      sums = sums.add(rounded);
      if (floats) {
        ((FloatVector) rounded.convert(VectorOperators.I2F, 0)).intoArray(q, at + k);
      } else {
        v.and(0xFFFF).or(high).reinterpretAsFloats().intoArray(q, at + k);
      }
    }
    int sum = sums.reduceLanes(VectorOperators.ADD);
    QuantizedRows.finish(sum, QuantizedRows.scale(largest), q, at);
  }

  /** All but the last of each word's columns. */
  private static short[] notLast(int bits) {
    short[] mask = new short[2 * VL];
    for (int i = 0; i < VL; i++) {
      short lane = (short) ((i + 1) % (16 / bits) == 0 ? 0 : -1);
      mask[2 * i] = lane;
      mask[2 * i + 1] = lane;
    }
    return mask;
  }

  /** How far behind a row its copy for codes of some bits is. */
  static int copy(PackedProduct p, int bits) {
    int rows =
        p.all <= QuantizedRows.SINGLE
            ? place(bits) * QuantizedRows.SINGLE
            : QuantizedRows.SINGLE_FOUR_BITS;
    return rows * p.blocks() * QuantizedRows.STRIDE;
  }

  /** 1, 2 and 3 for 2, 4 and 8 bits. */
  private static int place(int bits) {
    return Integer.numberOfTrailingZeros(bits);
  }

  /** Writes the copies of the product's rows, which are quantised and not in tiles. */
  private static void writeCopies(PackedProduct p) {
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
    float[] q = p.prepared;
    int end = p.rows * p.blocks() * QuantizedRows.STRIDE;
    int copy = copy(p, bits);
    boolean halves = halves(p.weights);
    ShortVector notLast = NOT_LAST[place(bits) - 1];
    for (int i = 0; i < end; i += QuantizedRows.STRIDE) {
      int from = p.preparedAt + i;
      int to = from + copy;
      q[to] = q[from];
      for (int k = 0; k < BLOCK; k += VL) {
        ShortVector before = FloatVector.fromArray(SPECIES, q, from + k).reinterpretAsShorts();
        FloatVector.fromArray(SPECIES, q, from + k + 1)
            .reinterpretAsShorts()
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
}

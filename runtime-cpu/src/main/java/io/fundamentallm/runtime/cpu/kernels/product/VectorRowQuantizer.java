package io.fundamentallm.runtime.cpu.kernels.product;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link ProductKernels#quantizeRows} on the Vector API. */
final class VectorRowQuantizer {

  private static final int BLOCK = PackedWeights.BLOCK;

  private VectorRowQuantizer() {}

  static void quantizeRows(PackedProduct p) {
    int blocks = p.blocks();
    boolean floats = QuantizedRows.floats(p.weights, p.tile);
    for (int row = 0; row < p.rows; row++) {
      for (int block = 0; block < blocks; block++) {
        int from = p.xAt + row * p.ldx + block * BLOCK;
        quantize(floats, p.x, from, p.quantized, QuantizedRows.index(p, row, block));
      }
    }
    QuantizedRows.finishHalves(p);
    if (p.tile == 1) {
      VectorDigits.write(p);
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
}

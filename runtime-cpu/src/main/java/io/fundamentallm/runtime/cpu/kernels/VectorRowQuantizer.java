package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.INTS;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import java.util.Arrays;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.VectorOperators;

/** {@link Kernels#quantizeRows} on the Vector API. */
final class VectorRowQuantizer {

  private static final int BLOCK = PackedWeights.BLOCK;

  private VectorRowQuantizer() {}

  static void quantizeRows(
      PackedWeights weights, int rows, int tile, float[] x, int xAt, int ldx, float[] q, int qAt) {
    int blocks = PackedWeights.padded(weights.columns()) / BLOCK;
    boolean floats = QuantizedRows.floats(weights, tile);
    int padded = (rows + tile - 1) / tile * tile;
    for (int row = 0; row < padded; row++) {
      for (int block = 0; block < blocks; block++) {
        int to = QuantizedRows.index(qAt, row, block, blocks, tile);
        if (row < rows) {
          quantize(floats, x, xAt + row * ldx + block * BLOCK, q, to);
        } else {
          Arrays.fill(q, to, to + QuantizedRows.STRIDE, 0f);
        }
      }
    }
  }

  private static void quantize(boolean floats, float[] x, int xAt, float[] q, int at) {
    FloatVector most = FloatVector.zero(SPECIES);
    for (int k = 0; k < BLOCK; k += VL) {
      most = most.max(FloatVector.fromArray(SPECIES, x, xAt + k).abs());
    }
    float largest = most.reduceLanes(VectorOperators.MAX);
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

package io.fundamentallm.runtime.cpu.kernels;

import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.VectorKernels.VL;

import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Narrow numbers as floats, on the Vector API. */
final class VectorDequantize {

  private static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());
  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, VL * Short.SIZE)));
  // Four bytes fill no register, so at 128 bits they are widened one by one.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, VL * Byte.SIZE)));

  private VectorDequantize() {}

  static void dequantize(int n, short[] half, int halfAt, float[] x, int xAt) {
    int whole = SPECIES.loopBound(n);
    for (int i = 0; i < whole; i += VL) {
      IntVector bits =
          (IntVector)
              ShortVector.fromArray(SHORTS, half, halfAt + i)
                  .convertShape(VectorOperators.S2I, INTS, 0);
      IntVector magnitude = bits.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
      IntVector sign = bits.and(0x80000000);
      FloatVector value = magnitude.reinterpretAsFloats().mul(Half.SCALE);
      value.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(x, xAt + i);
    }
    for (int i = whole; i < n; i++) {
      x[xAt + i] = Half.toFloat(half[halfAt + i]);
    }
  }

  static void dequantize(
      int n,
      byte[] q,
      int qAt,
      float[] scales,
      int scalesAt,
      int period,
      boolean repeated,
      float[] x,
      int xAt) {
    int whole = period % VL == 0 && VL > 4 ? n - n % VL : 0;
    for (int i = 0; i < whole; i += VL) {
      FloatVector value =
          (FloatVector)
              ByteVector.fromArray(BYTES, q, qAt + i).convertShape(VectorOperators.B2F, SPECIES, 0);
      FloatVector scale =
          repeated
              ? FloatVector.broadcast(SPECIES, scales[scalesAt + i / period])
              : FloatVector.fromArray(SPECIES, scales, scalesAt + i % period);
      value.mul(scale).intoArray(x, xAt + i);
    }
    for (int i = whole; i < n; i++) {
      int scale = repeated ? i / period : i % period;
      x[xAt + i] = q[qAt + i] * scales[scalesAt + scale];
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.attention;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.INTS;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.product.PackedWeights.PANEL;

import io.fundamentallm.runtime.cpu.kernels.math.Half;
import jdk.incubator.vector.ByteVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.IntVector;
import jdk.incubator.vector.ShortVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShape;
import jdk.incubator.vector.VectorSpecies;

/** Attention on the Vector API, bit for bit that of {@link ScalarAttention}. */
public final class VectorAttention extends VectorSoftmax {

  private static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, VectorShape.forBitSize(Math.max(64, VL * Short.SIZE)));
  // Four bytes do not fill a register, so at 128 bits they are converted one by one.
  private static final VectorSpecies<Byte> BYTES =
      VectorSpecies.of(byte.class, VectorShape.forBitSize(Math.max(64, VL * Byte.SIZE)));

  @Override
  public void scores(BlockProduct product) {
    VectorScores.scores(product);
  }

  @Override
  public void output(BlockProduct product) {
    VectorAttentionOutput.output(product);
  }

  @Override
  public void probabilities(int from, int to, int n, float scale, float[] x, int xAt) {
    VectorProbabilities.probabilities(from, to, n, scale, x, xAt);
  }

  @Override
  public void rotate(int half, float[] cosines, float[] sines, int tableAt, float[] x, int xAt) {
    if (half < VL) {
      ScalarAttention.turn(half, cosines, sines, tableAt, x, xAt);
      return;
    }
    // The last vector may overlap the one before it: it is read before that is written.
    int last = half - VL;
    FloatVector lastA = FloatVector.fromArray(SPECIES, x, xAt + last);
    FloatVector lastB = FloatVector.fromArray(SPECIES, x, xAt + half + last);
    for (int i = 0; i < last; i += VL) {
      FloatVector a = FloatVector.fromArray(SPECIES, x, xAt + i);
      FloatVector b = FloatVector.fromArray(SPECIES, x, xAt + half + i);
      FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, tableAt + i);
      FloatVector sine = FloatVector.fromArray(SPECIES, sines, tableAt + i);
      a.fma(cosine, b.mul(sine).neg()).intoArray(x, xAt + i);
      b.fma(cosine, a.mul(sine)).intoArray(x, xAt + half + i);
    }
    FloatVector cosine = FloatVector.fromArray(SPECIES, cosines, tableAt + last);
    FloatVector sine = FloatVector.fromArray(SPECIES, sines, tableAt + last);
    lastA.fma(cosine, lastB.mul(sine).neg()).intoArray(x, xAt + last);
    lastB.fma(cosine, lastA.mul(sine)).intoArray(x, xAt + half + last);
  }

  @Override
  public void dequantize(int n, short[] half, int halfAt, float[] x, int xAt) {
    int bound = SPECIES.loopBound(n);
    for (int i = 0; i < bound; i += VL) {
      IntVector bits =
          (IntVector)
              ShortVector.fromArray(SHORTS, half, halfAt + i)
                  .convertShape(VectorOperators.S2I, INTS, 0);
      IntVector magnitude = bits.and(0x7FFF).lanewise(VectorOperators.LSHL, 13);
      IntVector sign = bits.and(0x80000000);
      FloatVector value = magnitude.reinterpretAsFloats().mul(Half.SCALE);
      value.reinterpretAsInts().or(sign).reinterpretAsFloats().intoArray(x, xAt + i);
    }
    for (int i = bound; i < n; i++) {
      x[xAt + i] = Half.toFloat(half[halfAt + i]);
    }
  }

  @Override
  public void dequantizeKeys(
      int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt) {
    int bound = VL > 4 ? n - n % VL : 0;
    for (int i = 0; i < bound; i += VL) {
      ((FloatVector)
              ByteVector.fromArray(BYTES, q, qAt + i).convertShape(VectorOperators.B2F, SPECIES, 0))
          .mul(FloatVector.fromArray(SPECIES, scales, scalesAt + i % PANEL))
          .intoArray(x, xAt + i);
    }
    for (int i = bound; i < n; i++) {
      x[xAt + i] = q[qAt + i] * scales[scalesAt + i % PANEL];
    }
  }

  @Override
  public void dequantizeValues(
      int n, byte[] q, int qAt, float[] scales, int scalesAt, float[] x, int xAt) {
    int bound = VL > 4 ? n - n % VL : 0;
    for (int i = 0; i < bound; i += VL) {
      ((FloatVector)
              ByteVector.fromArray(BYTES, q, qAt + i).convertShape(VectorOperators.B2F, SPECIES, 0))
          .mul(scales[scalesAt + i / PANEL])
          .intoArray(x, xAt + i);
    }
    for (int i = bound; i < n; i++) {
      x[xAt + i] = q[qAt + i] * scales[scalesAt + i / PANEL];
    }
  }
}

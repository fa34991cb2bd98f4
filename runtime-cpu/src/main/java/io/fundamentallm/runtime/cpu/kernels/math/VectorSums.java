package io.fundamentallm.runtime.cpu.kernels.math;

import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.SPECIES;
import static io.fundamentallm.runtime.cpu.kernels.math.Lanes.VL;
import static io.fundamentallm.runtime.cpu.kernels.math.ScalarSums.LANES;

import jdk.incubator.vector.DoubleVector;
import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorOperators;
import jdk.incubator.vector.VectorShuffle;
import jdk.incubator.vector.VectorSpecies;

/**
 * Sums with the sixteen partial sums of every kernel, at any register width.
 *
 * <p>A register holds sixteen, eight or four of them. If a register holds no more than eight, the
 * first fold, element l with l + 8, is between registers. So every sum here walks a row with a
 * lower and an upper half, for each of the eight offsets that a register does not cover by itself.
 */
public final class VectorSums {

  /** Whether partial sums l and l + 8 are in different registers. */
  public static final boolean SPLIT = VL < LANES;

  /** Distance between the partial sums that a split separates. */
  public static final int HALF = LANES / 2;

  private static final VectorShuffle<Float> BY_8 = rotation(8);
  private static final VectorShuffle<Float> BY_4 = rotation(4);
  private static final VectorShuffle<Float> BY_2 = rotation(2);
  private static final VectorShuffle<Float> BY_1 = rotation(1);

  // A float register fills two of these. Float registers of half the width would be simpler, but
  // where JDK 17 has seen two widths of float registers, it keeps both in memory.
  private static final VectorSpecies<Double> DOUBLES =
      VectorSpecies.of(double.class, SPECIES.vectorShape());
  // Elements that one pass of squares may read again from the first-level cache.
  private static final int BLOCK = 2048;

  private VectorSums() {}

  private static VectorShuffle<Float> rotation(int by) {
    return VectorShuffle.fromOp(SPECIES, i -> (i + by) % VL);
  }

  /** The elements that go to the partial sums; the others follow one by one. */
  public static int loopBound(int n) {
    return n - n % LANES;
  }

  /** Folds one register of partial sums, those of both halves already added. */
  public static float fold(FloatVector lanes) {
    FloatVector v = lanes;
    if (VL >= 16) {
      v = v.add(v.rearrange(BY_8));
    }
    if (VL >= 8) {
      v = v.add(v.rearrange(BY_4));
    }
    v = v.add(v.rearrange(BY_2));
    return v.add(v.rearrange(BY_1)).lane(0);
  }

  /**
   * {@code Σ x[i]}. The fold is written out: what attention weights are computed by is too large
   * for C2 to inline a call that a vector goes into.
   */
  public static float sum(int n, float[] x, int xAt) {
    int bound = loopBound(n);
    FloatVector lanes = FloatVector.zero(SPECIES);
    for (int part = 0; part < HALF; part += VL) {
      FloatVector lower = FloatVector.zero(SPECIES);
      FloatVector upper = FloatVector.zero(SPECIES);
      for (int i = part; i < bound; i += LANES) {
        lower = lower.add(FloatVector.fromArray(SPECIES, x, xAt + i));
        if (SPLIT) {
          upper = upper.add(FloatVector.fromArray(SPECIES, x, xAt + i + HALF));
        }
      }
      lanes = lanes.add(SPLIT ? lower.add(upper) : lower);
    }
    if (VL >= 16) {
      lanes = lanes.add(lanes.rearrange(BY_8));
    }
    if (VL >= 8) {
      lanes = lanes.add(lanes.rearrange(BY_4));
    }
    lanes = lanes.add(lanes.rearrange(BY_2));
    float sum = lanes.add(lanes.rearrange(BY_1)).lane(0);
    for (int i = bound; i < n; i++) {
      sum += x[xAt + i];
    }
    return sum;
  }

  /** {@code Σ (x[i] − centre)²}. */
  public static float squaredDeviations(int n, float centre, float[] x, int xAt) {
    int bound = loopBound(n);
    FloatVector lanes = FloatVector.zero(SPECIES);
    for (int part = 0; part < HALF; part += VL) {
      FloatVector lower = FloatVector.zero(SPECIES);
      FloatVector upper = FloatVector.zero(SPECIES);
      for (int i = part; i < bound; i += LANES) {
        FloatVector d = FloatVector.fromArray(SPECIES, x, xAt + i).sub(centre);
        lower = d.fma(d, lower);
        if (SPLIT) {
          d = FloatVector.fromArray(SPECIES, x, xAt + i + HALF).sub(centre);
          upper = d.fma(d, upper);
        }
      }
      lanes = lanes.add(SPLIT ? lower.add(upper) : lower);
    }
    float sum = fold(lanes);
    for (int i = bound; i < n; i++) {
      float d = x[xAt + i] - centre;
      sum = Math.fma(d, d, sum);
    }
    return sum;
  }

  /** {@code Σ x[i]·y[i]}. */
  public static float dot(int n, float[] x, int xAt, float[] y, int yAt) {
    int bound = loopBound(n);
    FloatVector lanes = FloatVector.zero(SPECIES);
    for (int part = 0; part < HALF; part += VL) {
      FloatVector lower = FloatVector.zero(SPECIES);
      FloatVector upper = FloatVector.zero(SPECIES);
      for (int i = part; i < bound; i += LANES) {
        lower =
            FloatVector.fromArray(SPECIES, x, xAt + i)
                .fma(FloatVector.fromArray(SPECIES, y, yAt + i), lower);
        if (SPLIT) {
          upper =
              FloatVector.fromArray(SPECIES, x, xAt + i + HALF)
                  .fma(FloatVector.fromArray(SPECIES, y, yAt + i + HALF), upper);
        }
      }
      lanes = lanes.add(SPLIT ? lower.add(upper) : lower);
    }
    float sum = fold(lanes);
    for (int i = bound; i < n; i++) {
      sum = Math.fma(x[xAt + i], y[yAt + i], sum);
    }
    return sum;
  }

  /** {@code Σ x[i]²}, in double. */
  public static double squares(int n, float[] x, int xAt) {
    int bound = loopBound(n);
    double[] lanes = new double[LANES];
    for (int from = 0; from < bound; from += BLOCK) {
      int to = Math.min(bound, from + BLOCK);
      for (int part = 0; part < LANES; part += VL) {
        DoubleVector lower = DoubleVector.fromArray(DOUBLES, lanes, part);
        DoubleVector upper = DoubleVector.fromArray(DOUBLES, lanes, part + VL / 2);
        for (int i = from + part; i < to; i += LANES) {
          FloatVector floats = FloatVector.fromArray(SPECIES, x, xAt + i);
          DoubleVector value = (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 0);
          lower = lower.add(value.mul(value));
          value = (DoubleVector) floats.convertShape(VectorOperators.F2D, DOUBLES, 1);
          upper = upper.add(value.mul(value));
        }
        lower.intoArray(lanes, part);
        upper.intoArray(lanes, part + VL / 2);
      }
    }
    double sum = ScalarSums.fold(lanes);
    for (int i = bound; i < n; i++) {
      sum += (double) x[xAt + i] * x[xAt + i];
    }
    return sum;
  }
}

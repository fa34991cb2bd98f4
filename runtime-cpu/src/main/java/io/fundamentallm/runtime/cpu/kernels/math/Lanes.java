package io.fundamentallm.runtime.cpu.kernels.math;

import jdk.incubator.vector.FloatVector;
import jdk.incubator.vector.VectorSpecies;

/**
 * The registers that the Vector API's kernels use. Arrays are read and written only by {@code
 * fromArray} and {@code intoArray}: the one way that JDK 17 and JDK 25 share.
 */
public final class Lanes {

  /** The preferred width, within 128 to 512 bits: sixteen partial sums fill whole registers. */
  public static final VectorSpecies<Float> SPECIES = species();

  /** Floats in a register. */
  public static final int VL = SPECIES.length();

  /** Registers of the same width, for 32-bit integers. */
  public static final VectorSpecies<Integer> INTS =
      VectorSpecies.of(int.class, SPECIES.vectorShape());

  /** The same for 16-bit integers. */
  public static final VectorSpecies<Short> SHORTS =
      VectorSpecies.of(short.class, SPECIES.vectorShape());

  /**
   * Whether a shift of 16-bit integers by a vector of equal counts is one operation: with AVX-512;
   * AVX2 has none. By a constant it is two on Intel's processors, as C2 has the count in a
   * register.
   */
  public static final boolean COUNTS = VL == 16;

  private Lanes() {}

  private static VectorSpecies<Float> species() {
    int lanes = FloatVector.SPECIES_PREFERRED.length();
    if (lanes < 4) {
      return FloatVector.SPECIES_128;
    }
    return lanes > 16 ? FloatVector.SPECIES_512 : FloatVector.SPECIES_PREFERRED;
  }
}

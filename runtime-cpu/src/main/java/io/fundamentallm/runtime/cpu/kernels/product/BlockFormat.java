package io.fundamentallm.runtime.cpu.kernels.product;

import java.util.Locale;

/**
 * The blocks of quantised files that {@link BlockWeights} hold as they are, with ggml's names. A
 * weight is {@code scale·value(code) − minimum}; scale and minimum are exact products of what the
 * file stores: a factor for many columns and a small integer for few.
 */
public enum BlockFormat {
  /** 8 bits, signed. */
  Q8_0(8, 0, 0, Scales.FACTOR),
  /** 4 bits. */
  Q4_0(4, 0, 8, Scales.FACTOR),
  /** 4 bits from a minimum on. */
  Q4_1(4, 0, 0, Scales.FACTOR_AND_MINIMUM),
  /** 5 bits. */
  Q5_0(4, 1, 16, Scales.FACTOR),
  /** 5 bits from a minimum on. */
  Q5_1(4, 1, 0, Scales.FACTOR_AND_MINIMUM),
  /** 2 bits from a minimum on. */
  Q2_K(2, 0, 0, Scales.FOUR_BITS_AND_MINIMUM),
  /** 3 bits. */
  Q3_K(2, 1, 4, Scales.TWO_BYTES),
  /** 4 bits from a minimum on. */
  Q4_K(4, 0, 0, Scales.BYTE_AND_MINIMUM),
  /** 5 bits from a minimum on. */
  Q5_K(4, 1, 0, Scales.BYTE_AND_MINIMUM),
  /** 6 bits. */
  Q6_K(4, 2, 32, Scales.TWO_BYTES),
  /** 4 bits, the place of one of 16 numbers that lie closer near zero. */
  IQ4_NL(4, 0, 0, Scales.FACTOR),
  /** The same with smaller scales. */
  IQ4_XS(4, 0, 0, Scales.BYTE),
  /** 4 bits, a float E2M1; OCP Microscaling Formats 1.0. Values here are twice those floats. */
  MXFP4(4, 0, 0, Scales.EXPONENT);

  /** What scales of a block of 32 columns are made of. */
  enum Scales {
    /** d, 16-bit floats. */
    FACTOR(1, 0, false),
    /** d and m, 16-bit floats. */
    FACTOR_AND_MINIMUM(1, 0, true),
    /** {@code d·a} and {@code m·b}; a and b are bytes, d and m are shared by eight blocks. */
    BYTE_AND_MINIMUM(8, 16, true),
    /** {@code d·a} of the first 16 columns and {@code d·b} of the others; the bytes are signed. */
    TWO_BYTES(8, 16, false),
    /** The same of four bits, and as many for minima of 16 columns. */
    FOUR_BITS_AND_MINIMUM(8, 16, true),
    /** {@code d·a}, a signed byte. */
    BYTE(8, 8, false),
    /** {@code 2^(a − 128)}. */
    EXPONENT(2, 8, false);

    /** Blocks that share the factors. */
    final int unit;

    /** Bits of the small integers of a block. */
    final int smallBits;

    final boolean minimum;

    Scales(int unit, int smallBits, boolean minimum) {
      this.unit = unit;
      this.smallBits = smallBits;
      this.minimum = minimum;
    }

    boolean factor() {
      return this != EXPONENT;
    }
  }

  /** Of IQ4_NL and IQ4_XS, see ggml-common.h, kvalues_iq4nl. */
  private static final byte[] NONLINEAR = {
    -127, -104, -83, -65, -49, -35, -22, -10, 1, 13, 25, 38, 53, 69, 89, 113
  };

  private static final byte[] E2M1 = {0, 1, 2, 3, 4, 6, 8, 12, 0, -1, -2, -3, -4, -6, -8, -12};

  /** Bits of a code that are stored together. */
  final int low;

  /** Its upper bits, which are stored apart. */
  final int high;

  /** What is subtracted from a code. */
  final int center;

  final Scales scales;

  BlockFormat(int low, int high, int center, Scales scales) {
    this.low = low;
    this.high = high;
    this.center = center;
    this.scales = scales;
  }

  /** The name in texts for people. */
  String label() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The number that a code stands for, before it is scaled. */
  public int value(int code) {
    return switch (this) {
      case Q8_0 -> (byte) code;
      case IQ4_NL, IQ4_XS -> NONLINEAR[code];
      case MXFP4 -> E2M1[code];
      default -> code - center;
    };
  }

  /** Whether a code is 4 bits, and the number less a constant. */
  boolean fourBits() {
    return this == Q4_0 || this == Q4_1 || this == Q4_K;
  }

  /** The bit that is changed in a column's code, see {@link Int8Weights}. */
  int bias(int column) {
    return low == 8 ? Int8Weights.bias(column) : 0;
  }

  /** {@code 2^(exponent − 128)}. */
  public static float power(int exponent) {
    // the two smallest are no normal floats
    return Float.intBitsToFloat(exponent < 2 ? 0x00200000 << exponent : (exponent - 1) << 23);
  }

  /** Columns with a scale of their own. */
  int span() {
    boolean two = scales == Scales.TWO_BYTES || scales == Scales.FOUR_BITS_AND_MINIMUM;
    return two ? PackedWeights.BLOCK / 2 : PackedWeights.BLOCK;
  }

  /** Columns that share a factor. */
  public int unitColumns() {
    return scales.unit * PackedWeights.BLOCK;
  }

  /** Ints of one unit of a panel. */
  int unitInts() {
    int codes = scales.unit * PackedWeights.BLOCK * (low + high);
    int small = scales.unit * scales.smallBits;
    int factors = (scales.factor() ? 1 : 0) + (scales.minimum ? 1 : 0);
    return codes + small + factors * PackedWeights.HALF;
  }
}

package io.fundamentallm.samplers.constraint.grammar;

/**
 * A set of byte values. Immutable.
 *
 * @param a the values 0 to 63, one bit each
 * @param b the values 64 to 127
 * @param c the values 128 to 191
 * @param d the values 192 to 255
 */
public record ByteSet(long a, long b, long c, long d) {
  public static final ByteSet EMPTY = new ByteSet(0, 0, 0, 0);

  public static ByteSet of(int value) {
    return range(value, value);
  }

  /** From the first to the last, both included. */
  public static ByteSet range(int first, int last) {
    return new ByteSet(
        bits(first, last),
        bits(first - 64, last - 64),
        bits(first - 128, last - 128),
        bits(first - 192, last - 192));
  }

  private static long bits(int first, int last) {
    if (last < 0 || first > 63) {
      return 0;
    }
    return (-1L << Math.max(first, 0)) & (-1L >>> (63 - Math.min(last, 63)));
  }

  public ByteSet or(ByteSet other) {
    return new ByteSet(a | other.a, b | other.b, c | other.c, d | other.d);
  }

  public boolean contains(int value) {
    long word = value < 128 ? (value < 64 ? a : b) : (value < 192 ? c : d);
    return (word >>> value & 1) != 0;
  }

  public int size() {
    return Long.bitCount(a) + Long.bitCount(b) + Long.bitCount(c) + Long.bitCount(d);
  }

  /** The lowest value; the set must not be empty. */
  public int first() {
    int value = 0;
    while (!contains(value)) {
      value++;
    }
    return value;
  }
}

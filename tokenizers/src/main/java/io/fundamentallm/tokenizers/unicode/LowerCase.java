package io.fundamentallm.tokenizers.unicode;

/**
 * Lowercase of single characters, regardless of their neighbours, as Rust's {@code
 * char::to_lowercase}. Follows Unicode 17.0, the version of the Rust that builds Hugging Face's
 * tokenizers: 28 letters new in it have lowercase here although {@link Unicode} does not know them.
 * Read on first use.
 */
public final class LowerCase {
  /**
   * The one character whose lowercase is two: {@code i}, which {@link #of} gives, and {@link
   * #DOT_ABOVE}.
   */
  public static final int DOTTED_I = 0x130;

  /** The second character of {@link #DOTTED_I}'s lowercase. */
  public static final int DOT_ABOVE = 0x307;

  /** No letter at or above it has a different lowercase. */
  static final int LIMIT = 0x20000;

  private static final int BLOCK_BITS = 7;

  /**
   * A byte for each block of code points, the number of its differences; then, for each code point
   * of different blocks, the low 16 bits of its lowercase less those of itself, little-endian.
   */
  private static final byte[] TABLE = Resource.read("lowercase.bin");

  private LowerCase() {}

  /** The lowercase of a code point; the first character of it for {@link #DOTTED_I}. */
  public static int of(int codePoint) {
    if (codePoint >= LIMIT) {
      return codePoint;
    }
    int block = TABLE[codePoint >> BLOCK_BITS] & 0xFF;
    int at = (LIMIT >> BLOCK_BITS) + (block << (BLOCK_BITS + 1)) + ((codePoint & 127) << 1);
    int difference = (TABLE[at] & 0xFF) | (TABLE[at + 1] & 0xFF) << 8;
    return (codePoint & ~0xFFFF) | ((codePoint + difference) & 0xFFFF);
  }
}

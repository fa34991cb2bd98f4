package io.fundamentallm.tokenizers.unicode;

import java.util.Arrays;

/**
 * What Unicode's normalization forms need to know about characters. Follows Unicode 9.0, the
 * version of the crate unicode-normalization-alignments 0.1.12 that Hugging Face's tokenizers
 * normalize with: characters assigned later neither decompose nor reorder there. Read on first use.
 *
 * <p>Hangul syllables are not in the table; they decompose by arithmetic (The Unicode Standard,
 * section 3.12).
 */
public final class Normalization {
  /** The first Hangul syllable. */
  public static final int HANGUL = 0xAC00;

  /** How many Hangul syllables there are. */
  public static final int HANGULS = 11172;

  /** The first leading consonant. */
  public static final int HANGUL_L = 0x1100;

  /** The first vowel. */
  public static final int HANGUL_V = 0x1161;

  /** One before the first trailing consonant. */
  public static final int HANGUL_T = 0x11A7;

  /** How many leading consonants there are. */
  public static final int HANGUL_LS = 19;

  /** How many vowels there are. */
  public static final int HANGUL_VS = 21;

  /** How many trailing consonants there are, none among them. */
  public static final int HANGUL_TS = 28;

  /** {@link #properties}: the bits of the canonical combining class. */
  public static final int CLASS = 0xFF;

  /** {@link #properties}: a mark, category M. */
  public static final int MARK = 1 << 8;

  /** {@link #properties}: may compose with what is before it. */
  public static final int COMPOSES_BACK = 1 << 9;

  /** {@link #properties}: has a canonical decomposition. */
  public static final int CANONICAL = 1 << 10;

  /** {@link #properties}: has a compatibility decomposition, perhaps the canonical one. */
  public static final int COMPATIBLE = 1 << 11;

  /** {@link #properties}: does not occur in NFC, or not in NFKC. */
  public static final int NEVER_COMPOSED = 1 << 12;

  /** {@link #properties}: does not occur in NFKC. */
  public static final int NEVER_COMPATIBLE = 1 << 13;

  static final int BLOCK_BITS = 7;
  static final int BLOCKS = 0x110000 >> BLOCK_BITS;

  /** Values of the table below it are properties; the others are offsets of records. */
  static final int RECORDS = 1 << 10;

  /** Bytes of a number in a record. */
  static final int WIDTH = 3;

  /**
   * Little-endian shorts: for each block of code points the number of its values; then the values
   * of different blocks. Behind them the records and the compositions, in numbers of three bytes.
   *
   * <p>A record is a header, the canonical decomposition, and the compatibility decomposition if it
   * differs. The header has the properties and from bit 14 on the lengths of the two, in three and
   * five bits. Decompositions are full: no character of them decomposes further.
   */
  private static final byte[] TABLE = Resource.read("normalization.bin");

  private static final int VALUES = 2 * BLOCKS;

  /** Where the records begin. */
  private static final int RECORDS_AT;

  /** First characters of canonical compositions, above 21 bits of the second; ascending. */
  private static final long[] PAIRS;

  private static final int[] COMPOSED;

  static {
    int tail = TABLE.length - 2 * WIDTH;
    RECORDS_AT = VALUES + (number(tail) << (BLOCK_BITS + 1));
    PAIRS = new long[number(tail + WIDTH)];
    COMPOSED = new int[PAIRS.length];
    int at = tail - 3 * WIDTH * PAIRS.length;
    for (int i = 0; i < PAIRS.length; i++) {
      PAIRS[i] = (long) number(at) << 21 | number(at + WIDTH);
      COMPOSED[i] = number(at + 2 * WIDTH);
      at += 3 * WIDTH;
    }
  }

  private Normalization() {}

  private static int number(int at) {
    return (TABLE[at] & 0xFF) | (TABLE[at + 1] & 0xFF) << 8 | (TABLE[at + 2] & 0xFF) << 16;
  }

  private static int value(int codePoint) {
    int block = codePoint >> BLOCK_BITS << 1;
    int offset = (TABLE[block] & 0xFF) | (TABLE[block + 1] & 0xFF) << 8;
    int at = VALUES + (offset << (BLOCK_BITS + 1)) + ((codePoint & 127) << 1);
    return (TABLE[at] & 0xFF) | (TABLE[at + 1] & 0xFF) << 8;
  }

  private static int record(int value) {
    return RECORDS_AT + (value - RECORDS) * WIDTH;
  }

  /**
   * The properties of a code point; 0 for most, and for Hangul syllables although they decompose.
   */
  public static int properties(int codePoint) {
    int value = value(codePoint);
    return value < RECORDS ? value : number(record(value)) & 0x3FFF;
  }

  /** The canonical combining class. */
  public static int combiningClass(int codePoint) {
    return properties(codePoint) & CLASS;
  }

  /**
   * Writes the full decomposition of a code point that has one of this kind and is not a Hangul
   * syllable.
   *
   * @param out with room for 18
   * @return how many code points it has; 0 for a code point without one
   */
  public static int decompose(int codePoint, boolean compatible, int[] out, int at) {
    int value = value(codePoint);
    if (value < RECORDS) {
      return 0;
    }
    int record = record(value);
    int header = number(record);
    int canonical = header >> 14 & 7;
    int other = header >> 17 & 31;
    boolean second = compatible && other > 0;
    int length = second ? other : canonical;
    int from = record + WIDTH + (second ? canonical * WIDTH : 0);
    for (int i = 0; i < length; i++) {
      out[at + i] = number(from + i * WIDTH);
    }
    return length;
  }

  /** The canonical composition of two code points, or -1 if they do not compose. */
  public static int compose(int first, int second) {
    int l = first - HANGUL_L;
    if (l >= 0 && l < HANGUL_LS) {
      int v = second - HANGUL_V;
      return v >= 0 && v < HANGUL_VS ? HANGUL + ((l * HANGUL_VS) + v) * HANGUL_TS : -1;
    }
    int s = first - HANGUL;
    if (s >= 0 && s < HANGULS) {
      int t = second - HANGUL_T;
      return t > 0 && t < HANGUL_TS && s % HANGUL_TS == 0 ? first + t : -1;
    }
    int found = Arrays.binarySearch(PAIRS, (long) first << 21 | second);
    return found < 0 ? -1 : COMPOSED[found];
  }
}

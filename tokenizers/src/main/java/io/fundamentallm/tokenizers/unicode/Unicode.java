package io.fundamentallm.tokenizers.unicode;

/**
 * Properties of code points, of Unicode 16.0 on every JDK. That is the version of the regular
 * expressions whose cuts must be matched: regex-syntax 0.8.5 in tiktoken 0.9, and Oniguruma 6.9.10
 * in Hugging Face's tokenizers since 0.21.2. Where those use tables of other versions, so does this
 * class: {@link #bertClass} (8.0), {@link Normalization} (9.0) and {@link LowerCase} (17.0).
 *
 * <p>Code points are in {@code [0, 0x110000)}; surrogates have the category {@link #CS}.
 */
public final class Unicode {
  /** Uppercase letter. */
  public static final int LU = 0;

  /** Lowercase letter. */
  public static final int LL = 1;

  /** Titlecase letter. */
  public static final int LT = 2;

  /** Modifier letter. */
  public static final int LM = 3;

  /** Other letter. */
  public static final int LO = 4;

  /** Nonspacing mark. */
  public static final int MN = 5;

  /** Spacing mark. */
  public static final int MC = 6;

  /** Enclosing mark. */
  public static final int ME = 7;

  /** Decimal digit. */
  public static final int ND = 8;

  /** Letter-like number. */
  public static final int NL = 9;

  /** Other number. */
  public static final int NO = 10;

  /** Connector punctuation. */
  public static final int PC = 11;

  /** Dash punctuation. */
  public static final int PD = 12;

  /** Opening punctuation. */
  public static final int PS = 13;

  /** Closing punctuation. */
  public static final int PE = 14;

  /** Initial quotation mark. */
  public static final int PI = 15;

  /** Final quotation mark. */
  public static final int PF = 16;

  /** Other punctuation. */
  public static final int PO = 17;

  /** Mathematical symbol. */
  public static final int SM = 18;

  /** Currency symbol. */
  public static final int SC = 19;

  /** Modifier symbol. */
  public static final int SK = 20;

  /** Other symbol. */
  public static final int SO = 21;

  /** Space separator. */
  public static final int ZS = 22;

  /** Line separator. */
  public static final int ZL = 23;

  /** Paragraph separator. */
  public static final int ZP = 24;

  /** Control. */
  public static final int CC = 25;

  /** Format. */
  public static final int CF = 26;

  /** Surrogate. */
  public static final int CS = 27;

  /** Private use. */
  public static final int CO = 28;

  /** Unassigned. */
  public static final int CN = 29;

  /** {@link #bertClass}: none of the others. */
  public static final int BERT_OTHER = 0;

  /** {@link #bertClass}: a nonspacing mark, an accent to strip. */
  public static final int BERT_MARK = 1;

  /** {@link #bertClass}: punctuation. */
  public static final int BERT_PUNCTUATION = 2;

  /** {@link #bertClass}: a control, format or private use character, to clean away. */
  public static final int BERT_CONTROL = 3;

  private static final int LETTERS = 1 << LU | 1 << LL | 1 << LT | 1 << LM | 1 << LO;
  private static final int MARKS = 1 << MN | 1 << MC | 1 << ME;

  private static final int BLOCK_BITS = 7;
  private static final int BLOCK_MASK = (1 << BLOCK_BITS) - 1;
  private static final int BLOCKS = 0x110000 >> BLOCK_BITS;

  /**
   * A little-endian short for each block of code points, the offset of its properties after these
   * in units of a block; then the properties of different blocks, a byte each: five bits of general
   * category, a bit of White_Space, two bits of BERT's class.
   */
  private static final byte[] TABLE = Resource.read("categories.bin");

  private Unicode() {}

  private static int properties(int codePoint) {
    int block = codePoint >> BLOCK_BITS << 1;
    int offset = (TABLE[block] & 0xFF) | (TABLE[block + 1] & 0xFF) << 8;
    return TABLE[2 * BLOCKS + (offset << BLOCK_BITS) + (codePoint & BLOCK_MASK)];
  }

  /** The general category, one of the constants {@link #LU} to {@link #CN}. */
  public static int category(int codePoint) {
    return properties(codePoint) & 31;
  }

  /** The property White_Space, which is {@code \s} in the regular expressions of tokenizers. */
  public static boolean isWhiteSpace(int codePoint) {
    return (properties(codePoint) & 32) != 0;
  }

  /**
   * What Hugging Face's BERT normalizer and pre-tokenizer treat a character as. They use the crate
   * unicode_categories 0.1.1, whose tables are of Unicode 8.0. One of the constants {@link
   * #BERT_OTHER} to {@link #BERT_CONTROL}; unassigned code points are other. ASCII symbols are
   * punctuation to the pre-tokenizer, too, but not here.
   */
  public static int bertClass(int codePoint) {
    return properties(codePoint) >> 6 & 3;
  }

  /** Category L. */
  public static boolean isLetter(int codePoint) {
    return in(LETTERS, codePoint);
  }

  /** Category M. */
  public static boolean isMark(int codePoint) {
    return in(MARKS, codePoint);
  }

  private static boolean in(int categories, int codePoint) {
    return (categories >> category(codePoint) & 1) != 0;
  }
}

package io.fundamentallm.samplers.constraint.grammar;

/**
 * Limits that keep a hostile pattern, schema or grammar from exhausting the machine. Each is far
 * above what people write; an error names the one that was reached.
 */
public final class Limits {
  /**
   * Groups, schemas or expressions within each other. The compilers recurse, and a thread may have
   * half a megabyte of stack.
   */
  public static final int NESTING = 250;

  /** Positions of a compiled grammar, about 30 bytes each. */
  public static final int POSITIONS = 200_000;

  /** Ranges of all different classes of characters in one pattern or schema together. */
  public static final int RANGES = 200_000;

  /** Parts of all expressions of a grammar, about 60 bytes each; fewer become positions. */
  public static final int EXPRESSIONS = 2 * POSITIONS;

  /** Copies of a repeated part that can be empty; others are counted instead of copied. */
  public static final int EMPTY_COPIES = 64;

  /**
   * Steps before the next byte. Deep or ambiguous rules need at most a few for each pair of bytes
   * before it: 2,000,000 are reached after about 2,000 bytes of the most ambiguous.
   */
  public static final long STEPS = 2_000_000;

  /**
   * Calls before the next byte, about 40 bytes of memory each. Rules need at most a few for each
   * byte before it, a count one for each number of its runs, nested counts one for each
   * combination: those get here first.
   */
  public static final int LINKS = 30_000;

  /**
   * Steps between two tokens: for example for one mask, which reads the beginnings of all tokens.
   * What many tokens share counts once: with a vocabulary of 200,000, JSON takes about 2,000 steps,
   * a choice of 8,000 words 60,000, and a hundred objects that nothing tells apart yet 1,100,000.
   */
  public static final long TOKEN_STEPS = 10_000_000;

  /** Links of all remembered stacks, and readings of states; beyond it they are recomputed. */
  public static final long REMEMBERED_LINKS = 2_000_000;

  /** Bytes of all remembered masks together. */
  public static final long REMEMBERED_MASKS = 64L << 20;

  private Limits() {}

  public static IllegalArgumentException exceeded(String what, long limit, String unit) {
    return new IllegalArgumentException(what + ": more than " + limit + " " + unit);
  }
}

package io.fundamentallm.samplers.constraint;

/**
 * What keeps a hostile pattern, schema or grammar from taking the machine. Each is far above what
 * people write; an error names the one that was reached.
 */
final class Limits {
  /** Groups, schemas or expressions within each other; the compilers recurse. */
  static final int NESTING = 500;

  /** Positions of a compiled grammar, about 30 bytes each. */
  static final int POSITIONS = 200_000;

  /** Ranges of all different classes of characters in one pattern or schema together. */
  static final int RANGES = 200_000;

  /** Parts of all expressions of a grammar, about 60 bytes each; fewer become positions. */
  static final int EXPRESSIONS = 2 * POSITIONS;

  /** Copies of a repeated part that can be empty; others are counted instead of copied. */
  static final int EMPTY_COPIES = 64;

  /** Ways to read one text at the same time. */
  static final int READINGS = 2_000;

  /** Rules within each other while a text is read. */
  static final int DEPTH = 20_000;

  /** Readings of all remembered states together; then they are forgotten and found again. */
  static final long REMEMBERED_READINGS = 2_000_000;

  /** Bytes of all remembered masks together. */
  static final long REMEMBERED_MASKS = 64L << 20;

  private Limits() {}

  static IllegalArgumentException exceeded(String what, long limit, String unit) {
    return new IllegalArgumentException(what + ": more than " + limit + " " + unit);
  }
}

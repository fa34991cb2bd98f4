package io.fundamentallm.tokenizers.split;

/**
 * What becomes of the matches of a splitting pattern; for {@code -} in {@code the-final--countdown}:
 */
public enum SplitBehavior {
  /** {@code the, final, countdown}. */
  REMOVED,
  /** {@code the, -, final, -, -, countdown}. */
  ISOLATED,
  /** {@code the-, final-, -, countdown}. */
  MERGED_WITH_PREVIOUS,
  /** {@code the, -final, -, -countdown}. */
  MERGED_WITH_NEXT,
  /** {@code the, -, final, --, countdown}. */
  CONTIGUOUS
}

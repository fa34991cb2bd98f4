package io.fundamentallm.tokenizers.split;

/**
 * What happens to the matches of a splitting pattern; the examples cut {@code the-final--countdown}
 * at {@code -}.
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

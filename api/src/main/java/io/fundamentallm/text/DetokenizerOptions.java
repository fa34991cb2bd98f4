package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * How tokens become text. Immutable and thread-safe.
 *
 * @param skipSpecialTokens whether special tokens are left out, instead of being written as they
 *     are
 * @param wholeGraphemes whether a stream holds text back until what a reader takes for one
 *     character is complete: an accent that follows its letter, or an emoji of several
 * @param cleanUpTokenizationSpaces whether spaces before punctuation and in contractions are taken
 *     out, as Hugging Face's option of that name does
 * @param malformed what becomes of bytes that are no UTF-8
 */
public record DetokenizerOptions(
    boolean skipSpecialTokens,
    boolean wholeGraphemes,
    boolean cleanUpTokenizationSpaces,
    Malformed malformed) {
  /** What becomes of bytes that are no UTF-8. */
  public enum Malformed {
    /** They become U+FFFD. */
    REPLACE,
    /** They are left out. */
    IGNORE,
    /** They are an {@link IllegalArgumentException} that says at which token. */
    REPORT
  }

  private static final DetokenizerOptions PLAIN =
      new DetokenizerOptions(false, false, false, Malformed.REPLACE);

  /** Checks that nothing is null. */
  public DetokenizerOptions {
    requireNonNull(malformed, "malformed");
  }

  /** Everything as it is; malformed bytes become U+FFFD. */
  public static DetokenizerOptions plain() {
    return PLAIN;
  }

  /** With special tokens left out or written. */
  public DetokenizerOptions withSkipSpecialTokens(boolean skip) {
    return new DetokenizerOptions(skip, wholeGraphemes, cleanUpTokenizationSpaces, malformed);
  }

  /** With characters of several code points held back until they are complete, or not. */
  public DetokenizerOptions withWholeGraphemes(boolean whole) {
    return new DetokenizerOptions(skipSpecialTokens, whole, cleanUpTokenizationSpaces, malformed);
  }

  /** With spaces before punctuation taken out, or not. */
  public DetokenizerOptions withCleanUpTokenizationSpaces(boolean cleanUp) {
    return new DetokenizerOptions(skipSpecialTokens, wholeGraphemes, cleanUp, malformed);
  }

  /** With another way to treat malformed bytes. */
  public DetokenizerOptions withMalformed(Malformed malformed) {
    return new DetokenizerOptions(
        skipSpecialTokens, wholeGraphemes, cleanUpTokenizationSpaces, malformed);
  }
}

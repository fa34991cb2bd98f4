package io.fundamentallm.text;

import static java.util.Objects.requireNonNull;

/**
 * How tokens become text. Immutable and thread-safe.
 *
 * @param skipSpecialTokens whether to leave out special tokens instead of writing them as they are
 * @param wholeGraphemes whether a stream holds back text until what a reader sees as one character
 *     is complete: a letter with its accent, or an emoji of several code points
 * @param cleanUpTokenizationSpaces whether to remove spaces before punctuation and in contractions,
 *     like Hugging Face's option of that name
 * @param malformed what happens to bytes that are not UTF-8
 */
public record DetokenizerOptions(
    boolean skipSpecialTokens,
    boolean wholeGraphemes,
    boolean cleanUpTokenizationSpaces,
    Malformed malformed) {
  /** What happens to bytes that are not UTF-8. */
  public enum Malformed {
    /** They become U+FFFD. */
    REPLACE,
    /** They are left out. */
    IGNORE,
    /** They cause an {@link IllegalArgumentException} that names the token. */
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

  /** With special tokens left out, or written. */
  public DetokenizerOptions withSkipSpecialTokens(boolean skip) {
    return new DetokenizerOptions(skip, wholeGraphemes, cleanUpTokenizationSpaces, malformed);
  }

  /** With characters of several code points held back until they are complete, or not. */
  public DetokenizerOptions withWholeGraphemes(boolean whole) {
    return new DetokenizerOptions(skipSpecialTokens, whole, cleanUpTokenizationSpaces, malformed);
  }

  /** With spaces before punctuation removed, or not. */
  public DetokenizerOptions withCleanUpTokenizationSpaces(boolean cleanUp) {
    return new DetokenizerOptions(skipSpecialTokens, wholeGraphemes, cleanUp, malformed);
  }

  /** With another treatment of malformed bytes. */
  public DetokenizerOptions withMalformed(Malformed malformed) {
    return new DetokenizerOptions(
        skipSpecialTokens, wholeGraphemes, cleanUpTokenizationSpaces, malformed);
  }
}

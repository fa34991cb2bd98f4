package io.fundamentallm.benchmarks.models;

/** Tokens as text, for a runtime that takes and gives nothing else: one code point for each. */
public final class TokenText {
  /** Beyond the surrogates, which no text may hold. */
  private static final int FIRST = 0x10000;

  private TokenText() {}

  /** A text of just these tokens. */
  public static String of(int... tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.appendCodePoint(FIRST + token);
    }
    return text.toString();
  }

  /** The tokens of a text. */
  public static int[] tokens(String text) {
    return text.codePoints().map(point -> point - FIRST).toArray();
  }
}

package io.fundamentallm.tokenizers.text;

import java.nio.charset.StandardCharsets;

/** Finds a text as it is. */
final class LiteralMatcher implements ByteMatcher {
  private final byte[] pattern;

  LiteralMatcher(String pattern) {
    this.pattern = pattern.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean find(byte[] text, int from, int to, int[] match) {
    int last = to - pattern.length;
    for (int i = from; i <= last; i++) {
      if (matches(text, i)) {
        match[0] = i;
        match[1] = i + pattern.length;
        return true;
      }
    }
    return false;
  }

  private boolean matches(byte[] text, int at) {
    for (int i = 0; i < pattern.length; i++) {
      if (text[at + i] != pattern[i]) {
        return false;
      }
    }
    return true;
  }
}

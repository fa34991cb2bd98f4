package io.fundamentallm.tokenizers.text;

import java.nio.charset.StandardCharsets;

/**
 * Replaces each match with other text. Like the crate onig's {@code find_iter}, it takes no empty
 * match right after another one, and none in an empty text. The replacement has the source of the
 * last character that it replaces.
 */
public final class Replace implements Normalizer {
  private static final ScratchPool<int[]> MATCHES = new ScratchPool<>(() -> new int[2]);

  private final ByteMatcher pattern;
  private final byte[] content;

  /** Whether a match is always one character. */
  private final boolean oneCharacter;

  /** Replaces each match of a pattern; a {@code $1} in the content means itself. */
  public Replace(ByteMatcher pattern, String content) {
    this(pattern, content, false);
  }

  /** Replaces each occurrence of a text. */
  public Replace(String pattern, String content) {
    this(new LiteralMatcher(pattern), content, pattern.codePointCount(0, pattern.length()) == 1);
  }

  private Replace(ByteMatcher pattern, String content, boolean oneCharacter) {
    this.oneCharacter = oneCharacter;
    this.pattern = pattern;
    this.content = content.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean leaves(TextBuffer text) {
    int[] match = MATCHES.acquire();
    boolean found = pattern.find(text.bytes(), 0, text.length(), match);
    MATCHES.release(match);
    return text.length() == 0 || !found;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    out.limitGrowth(in);
    int[] match = MATCHES.acquire();
    byte[] bytes = in.bytes();
    int length = in.length();
    int copied = 0;
    int previous = -1;
    for (int from = 0; length > 0 && from <= length; ) {
      if (!pattern.find(bytes, from, length, match)) {
        break;
      }
      if (match[0] == match[1] && match[1] == previous) {
        from += from < length ? TextBuffer.sizeAt(bytes, from) : 1;
        continue;
      }
      out.add(in, copied, match[0]);
      write(in, match[1], out);
      copied = match[1];
      from = copied;
      previous = copied;
    }
    out.add(in, copied, length);
    MATCHES.release(match);
  }

  private void write(TextBuffer in, int end, TextBuffer out) {
    if (in.tracked()) {
      int start = end == 0 ? in.sourceStart(0) : in.sourceStart(end - 1);
      int stop = end == 0 ? start : in.sourceEnd(end - 1);
      for (byte b : content) {
        out.add(b, start, stop);
      }
    } else {
      byte[] buffer = out.reserve(content.length);
      System.arraycopy(content, 0, buffer, out.length(), content.length);
      out.advance(content.length, 0);
    }
  }

  /** A longer match might reach across the place. */
  @Override
  public boolean cuttable() {
    return oneCharacter;
  }
}

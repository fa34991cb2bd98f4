package io.fundamentallm.tokenizers.text;

/**
 * Applies a {@link PrecompiledCharsmap} as Hugging Face's {@code normalizers/precompiled.rs} does:
 * grapheme cluster by grapheme cluster. A cluster of fewer than six bytes that begins with the left
 * side of a rule is replaced whole, by the rule with the shortest left side; otherwise each of its
 * characters is looked up. SentencePiece itself replaces the longest match instead, which is not
 * the same function. Immutable and thread-safe.
 */
public final class Precompiled implements Normalizer {
  /** Clusters of this many bytes or more are not looked up whole. */
  private static final int LONG_CLUSTER = 6;

  private final PrecompiledCharsmap rules;

  /** A normalizer with these rules. */
  public Precompiled(PrecompiledCharsmap rules) {
    this.rules = rules;
  }

  @Override
  public boolean leaves(TextBuffer text) {
    return plainEnd(text.bytes(), 0, text.length()) == text.length();
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    out.limitGrowth(in);
    byte[] text = in.bytes();
    int length = in.length();
    for (int at = 0; at < length; ) {
      int plain = plainEnd(text, at, length);
      if (plain > at) {
        out.add(in, at, plain);
        at = plain;
        continue;
      }
      int end = PrecompiledGraphemes.end(text, at, length);
      if (end - at >= LONG_CLUSTER || !replace(in, at, end, out)) {
        while (at < end) {
          int next = at + TextBuffer.sizeAt(text, at);
          if (!replace(in, at, next, out)) {
            out.add(in, at, next);
          }
          at = next;
        }
      }
      at = end;
    }
  }

  /** The end of the run of characters that are sure to stay, each alone in its cluster. */
  private int plainEnd(byte[] text, int from, int to) {
    int at = from;
    while (at < to && rules.plain(text[at])) {
      at++;
    }
    // the last one may combine with what follows
    return at < to && text[at] < 0 && at > from ? at - 1 : at;
  }

  private boolean replace(TextBuffer in, int from, int to, TextBuffer out) {
    int place = rules.shortest(in.bytes(), from, to);
    if (place < 0) {
      return false;
    }
    rules.replace(place, out, in.sourceStart(from), in.sourceEnd(to - 1));
    return true;
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}

package io.fundamentallm.tokenizers.text;

import java.nio.charset.StandardCharsets;

/** Writes something before a non-empty text; it has the source of the first character. */
public final class Prepend implements Normalizer {
  private final byte[] prefix;

  public Prepend(String prefix) {
    this.prefix = prefix.getBytes(StandardCharsets.UTF_8);
  }

  @Override
  public boolean leaves(TextBuffer text) {
    return text.length() == 0 || prefix.length == 0;
  }

  @Override
  public void normalize(TextBuffer in, TextBuffer out) {
    out.limitGrowth(in);
    if (in.length() > 0) {
      for (byte b : prefix) {
        out.add(b, in.sourceStart(0), in.sourceEnd(0));
      }
      out.add(in, 0, in.length());
    }
  }

  @Override
  public void continueWith(TextBuffer in, TextBuffer out) {
    out.add(in, 0, in.length());
  }

  @Override
  public boolean cuttable() {
    return true;
  }
}

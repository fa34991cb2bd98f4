package io.fundamentallm.tokenizers.text;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** What a normalizer makes of a text, as strings, with and without sources. */
record Normalized(String text, List<String> sources) {
  static Normalized of(Normalizer normalizer, String text) {
    TextBuffer in = buffer(text, true);
    TextBuffer out = new TextBuffer();
    out.clear(true);
    normalizer.normalize(in, out);
    List<String> sources = new ArrayList<>();
    for (int i = 0; i < out.length(); i += TextBuffer.sizeAt(out.bytes(), i)) {
      sources.add(out.sourceStart(i) + "-" + out.sourceEnd(i));
    }
    return new Normalized(string(out), sources);
  }

  /** The text that comes out; a normalizer that says it leaves a text must do so. */
  static String text(Normalizer normalizer, String text) {
    TextBuffer in = buffer(text, false);
    TextBuffer out = new TextBuffer();
    out.clear(false);
    normalizer.normalize(in, out);
    String result = string(out);
    if (normalizer.leaves(in) && !result.equals(text)) {
      throw new AssertionError("leaves() is wrong of \"" + text + "\"");
    }
    return result;
  }

  static TextBuffer buffer(String text, boolean tracked) {
    byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
    TextBuffer buffer = new TextBuffer();
    buffer.clear(tracked);
    System.arraycopy(bytes, 0, buffer.reserve(bytes.length), 0, bytes.length);
    buffer.advance(bytes.length, 0);
    return buffer;
  }

  private static String string(TextBuffer buffer) {
    return new String(buffer.bytes(), 0, buffer.length(), StandardCharsets.UTF_8);
  }
}

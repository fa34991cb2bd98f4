package io.fundamentallm.tokenizers.model;

import io.fundamentallm.tokenizers.split.Pieces;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a model makes of pieces of text. */
final class Segmented {
  private Segmented() {}

  /** The ids of pieces. */
  static int[] ids(Model model, String... pieces) {
    TokenSink sink = sink(model, pieces);
    return Arrays.copyOf(sink.reserve(0), sink.length());
  }

  /** The tokens of pieces, each as {@code id:start-end} with bytes counted over all pieces. */
  static String ranges(Model model, String... pieces) {
    TokenSink sink = sink(model, pieces);
    StringBuilder all = new StringBuilder();
    for (int i = 0; i < sink.length(); i++) {
      all.append(i == 0 ? "" : " ").append(sink.id(i));
      all.append(':').append(sink.start(i)).append('-').append(sink.end(i));
    }
    return all.toString();
  }

  private static TokenSink sink(Model model, String... pieces) {
    byte[] text = String.join("", pieces).getBytes(StandardCharsets.UTF_8);
    Pieces cuts = new Pieces();
    int at = 0;
    for (String piece : pieces) {
      int end = at + piece.getBytes(StandardCharsets.UTF_8).length;
      cuts.add(at, end);
      at = end;
    }
    TokenSink sink = new TokenSink();
    sink.clear(true);
    model.encode(Arrays.copyOf(text, text.length + ByteStrings.SLACK), cuts, sink);
    return sink;
  }

  static byte[][] bytes(String... forms) {
    return Arrays.stream(forms)
        .map(form -> form.getBytes(StandardCharsets.UTF_8))
        .toArray(byte[][]::new);
  }

  static ByteStrings strings(String... forms) {
    ByteStrings.Builder strings = new ByteStrings.Builder(forms.length);
    for (byte[] form : bytes(forms)) {
      strings.add(form, false);
    }
    return strings.build();
  }
}

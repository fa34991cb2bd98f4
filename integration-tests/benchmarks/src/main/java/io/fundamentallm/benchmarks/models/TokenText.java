package io.fundamentallm.benchmarks.models;

import io.fundamentallm.internal.json.JsonWriter;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Tokens as text, for a runtime that takes and gives nothing else: one code point for each. Before
 * them are those of every vocabulary of this kind: three for what is unknown and for begin and end,
 * and one for each byte.
 */
public final class TokenText {
  /** The first id that has a code point. */
  public static final int FIRST_ID = 3 + 256;

  /** Beyond the surrogates, which no text may hold. */
  private static final int FIRST = 0x10000;

  /** In texts that come back, for tokens without a code point. */
  private static final int UNKNOWN = 0;

  private TokenText() {}

  /** A text of just these tokens, none of which is below {@link #FIRST_ID}. */
  public static String of(int... tokens) {
    StringBuilder text = new StringBuilder();
    for (int token : tokens) {
      text.appendCodePoint(FIRST + token);
    }
    return text.toString();
  }

  /** The tokens of a text; 0 for each that has no code point. */
  public static int[] tokens(String text) {
    return text.codePoints().map(point -> point < FIRST ? UNKNOWN : point - FIRST).toArray();
  }

  /** Writes {@code tokenizer.json} for a vocabulary of this size. */
  static void write(int vocabulary, Path directory) throws IOException {
    Map<String, Object> ids = new LinkedHashMap<>();
    for (String name : List.of("<unk>", "<s>", "</s>")) {
      ids.put(name, ids.size());
    }
    for (int i = 0; i < 256; i++) {
      ids.put(String.format("<0x%02X>", i), ids.size());
    }
    for (int id = FIRST_ID; id < vocabulary; id++) {
      ids.put(of(id), id);
    }
    Map<String, Object> model = new LinkedHashMap<>();
    model.put("type", "BPE");
    model.put("unk_token", "<unk>");
    model.put("byte_fallback", true);
    model.put("vocab", ids);
    model.put("merges", List.of());
    Map<String, Object> tokenizer = new LinkedHashMap<>();
    tokenizer.put("version", "1.0");
    tokenizer.put("added_tokens", List.of());
    tokenizer.put("normalizer", space(" ", "\u2581"));
    tokenizer.put(
        "decoder",
        Map.of(
            "type",
            "Sequence",
            "decoders",
            List.of(space("\u2581", " "), Map.of("type", "ByteFallback"), Map.of("type", "Fuse"))));
    tokenizer.put("model", model);
    Files.createDirectories(directory);
    JsonWriter.write(directory.resolve("tokenizer.json"), tokenizer);
  }

  private static Map<String, Object> space(String from, String to) {
    return Map.of("type", "Replace", "pattern", Map.of("String", from), "content", to);
  }
}

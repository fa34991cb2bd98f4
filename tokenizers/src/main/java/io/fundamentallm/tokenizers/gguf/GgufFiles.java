package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.internal.gguf.GgufSplit;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Path;
import java.util.TreeMap;

/** Finds GGUF files, and writes one with nothing but a tokenizer. */
public final class GgufFiles implements Pipeline.Files {
  private static final String SUFFIX = ".gguf";
  private static final String PREFIX = "tokenizer.";

  private final GgufTokenizer gguf;

  GgufFiles(GgufTokenizer gguf) {
    this.gguf = gguf;
  }

  /** The file itself, or the only one of its kind in a directory, or the first of its parts. */
  public static Path find(Path path) throws IOException {
    return Pipeline.Files.find(path, SUFFIX, GgufSplit::withoutLaterParts);
  }

  @Override
  public void write(Path directory) throws IOException {
    write(gguf).write(directory.resolve("tokenizer.gguf"));
  }

  /** The keys of a tokenizer. */
  static GgufWriter write(GgufTokenizer gguf) {
    GgufWriter out = new GgufWriter();
    out.string(PREFIX + "ggml.model", gguf.model());
    String pre = gguf.pre();
    if (pre != null) {
      out.string(PREFIX + "ggml.pre", pre);
    }
    out.strings(PREFIX + "ggml.tokens", gguf.tokens());
    float[] scores = gguf.scores();
    if (scores != null) {
      out.floats(PREFIX + "ggml.scores", scores);
    }
    int[] types = gguf.types();
    if (types != null) {
      out.ints(PREFIX + "ggml.token_type", types);
    }
    if (!gguf.merges().isEmpty()) {
      out.strings(PREFIX + "ggml.merges", gguf.merges());
    }
    byte[] charsmap = gguf.precompiledCharsmap();
    if (charsmap != null) {
      out.bytes(PREFIX + "ggml.precompiled_charsmap", charsmap);
    }
    // in a fixed order, so that equal tokenizers give equal files; other types do not matter
    new TreeMap<>(gguf.settings())
        .forEach(
            (key, value) -> {
              if (value instanceof String text) {
                out.string(PREFIX + key, text);
              } else if (value instanceof Boolean flag) {
                out.bool(PREFIX + key, flag);
              } else if (value instanceof Long number && number >>> 32 == 0) {
                out.uint32(PREFIX + key, number);
              }
            });
    return out;
  }
}

package io.fundamentallm.tokenizers.gguf;

import io.fundamentallm.internal.gguf.GgufSplit;
import io.fundamentallm.tokenizers.gguf.section.GgufTokenizer;
import io.fundamentallm.tokenizers.pipeline.Pipeline;
import java.io.IOException;
import java.nio.file.Path;

/** Finds GGUF files, and writes one with nothing but a tokenizer. */
public final class GgufFiles implements Pipeline.Files {
  private static final String SUFFIX = ".gguf";

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
    gguf.keys().write(directory.resolve("tokenizer.gguf"));
  }

  @Override
  public GgufTokenizer gguf(Pipeline parts) {
    return gguf;
  }
}

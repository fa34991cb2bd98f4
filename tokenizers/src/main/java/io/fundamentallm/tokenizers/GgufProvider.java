package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.gguf.GgufFiles;
import io.fundamentallm.tokenizers.gguf.GgufTokenizers;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code gguf}: reads the tokenizer in a {@code .gguf} file of llama.cpp's, or in a directory with
 * one. {@code tokenizer.ggml.model} may be {@code llama} (SentencePiece BPE), {@code t5}
 * (SentencePiece unigram), {@code gpt2} (byte-level BPE) or {@code bert} (WordPiece). The tensors
 * are ignored.
 *
 * <p>Ids are those of the model's own tokenizer as far as the file allows: for {@code llama} it
 * lacks the replacements that SentencePiece would make, and for {@code gpt2} it only names the
 * pattern that cuts the text, in {@code tokenizer.ggml.pre}.
 */
public final class GgufProvider implements TokenizerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public GgufProvider() {}

  @Override
  public String name() {
    return "gguf";
  }

  /** After the files that a model is published with, from which this one is made. */
  @Override
  public int priority() {
    return -2;
  }

  @Override
  public Support supports(Path path) {
    if (Files.exists(path.resolve(TokenizerJson.NAME))) {
      return Support.no("it has " + TokenizerJson.NAME + ", which comes first");
    }
    try {
      return Support.yes("it is " + GgufFiles.find(path));
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Tokenizer load(Path path, Options options) throws IOException {
    return GgufTokenizers.read(Files.isDirectory(path) ? GgufFiles.find(path) : path);
  }
}

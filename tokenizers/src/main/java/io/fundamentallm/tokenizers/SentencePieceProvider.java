package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.huggingface.TokenizerJson;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceFiles;
import io.fundamentallm.tokenizers.sentencepiece.SentencePieceTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * {@code sentencepiece}: reads a {@code .model} file of Google's SentencePiece, or a directory with
 * one under a usual name: {@code tokenizer.model}, {@code spiece.model}, {@code
 * sentencepiece.bpe.model}, {@code spm.model} or {@code source.spm}. {@code tokenizer_config.json}
 * beside it may name the tokens' roles, and has the chat template.
 *
 * <p>Ids are those of the file, exactly as SentencePiece gives them. Where a model's own code adds
 * tokens or shifts ids, as XLM-RoBERTa's does, its {@code tokenizer.json} says so; a directory with
 * one is left to {@link HuggingFaceProvider}.
 *
 * <p>{@link Tokenizer#storedOptions()} puts around a text what {@code add_bos_token} and {@code
 * add_eos_token} of the configuration say. Without them, it adds the token that begins a text if
 * the model has one, as with Llama, and otherwise the one that ends it, as with T5.
 */
public final class SentencePieceProvider implements TokenizerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public SentencePieceProvider() {}

  @Override
  public String name() {
    return "sentencepiece";
  }

  /** After Hugging Face's files, which say more. */
  @Override
  public int priority() {
    return -1;
  }

  @Override
  public Support supports(Path path) {
    if (Files.exists(path.resolve(TokenizerJson.NAME))) {
      return Support.no("it has " + TokenizerJson.NAME + ", which comes first");
    }
    try {
      return Support.yes("it is " + SentencePieceFiles.find(path));
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Tokenizer load(Path path, Options options) throws IOException {
    return SentencePieceTokenizer.read(
        Files.isDirectory(path) ? SentencePieceFiles.find(path) : path);
  }
}

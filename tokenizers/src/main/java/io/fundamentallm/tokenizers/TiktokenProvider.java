package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Support;
import io.fundamentallm.spi.TokenizerProvider;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.tiktoken.TiktokenTokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * {@code tiktoken}: reads a {@code .tiktoken} file of OpenAI's tiktoken, or a directory with one.
 * The pattern that cuts the text and the special tokens are not in the file: they follow from its
 * name, {@code r50k_base}, {@code p50k_base}, {@code p50k_edit}, {@code cl100k_base}, {@code
 * o200k_base} or {@code o200k_harmony}, or by {@code tiktoken(encoding=cl100k_base)} for a file
 * with another name.
 *
 * <p>Ids are exactly tiktoken's: any two tokens whose bytes together are a token merge.
 */
public final class TiktokenProvider implements TokenizerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public TiktokenProvider() {}

  @Override
  public String name() {
    return "tiktoken";
  }

  @Override
  public Support supports(Path path) {
    try {
      return Support.yes("it is " + TiktokenTokenizer.file(path));
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
  }

  @Override
  public Tokenizer load(Path path, Options options) throws IOException {
    Path file = Files.isDirectory(path) ? TiktokenTokenizer.file(path) : path;
    String name = TiktokenTokenizer.encodingOf(file);
    List<String> known = TiktokenTokenizer.ENCODINGS;
    return TiktokenTokenizer.read(
        file, options.choice("encoding", known.contains(name) ? name : "", known));
  }
}

package io.fundamentallm.benchmarks;

import ai.djl.huggingface.tokenizers.Encoding;
import ai.djl.huggingface.tokenizers.HuggingFaceTokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;
import java.util.Arrays;

/** DJL's binding of Hugging Face's library in Rust. */
record DjlContender(HuggingFaceTokenizer tokenizer) implements Contender<Encoding> {
  /** Loads the {@code tokenizer.json} of that folder. */
  static DjlContender open(String name) {
    return load(SharedFolder.tokenizerJson(name));
  }

  /** Loads a {@code tokenizer.json}. */
  static DjlContender load(Path file) {
    // It would tell its makers that it was started.
    System.setProperty("OPT_OUT_TRACKING", "true");
    try {
      return new DjlContender(
          HuggingFaceTokenizer.builder()
              .optTokenizerPath(file)
              .optAddSpecialTokens(false)
              .optTruncation(false)
              .optPadding(false)
              .build());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public Encoding encode(String text) {
    return tokenizer.encode(text, false, false);
  }

  @Override
  public String decode(Encoding tokens) {
    return tokenizer.decode(tokens.getIds());
  }

  @Override
  public int[] ids(Encoding tokens) {
    return Arrays.stream(tokens.getIds()).mapToInt(Math::toIntExact).toArray();
  }
}

package io.fundamentallm.benchmarks;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Path;

/** FundamentaLLM. */
record OurContender(Tokenizer tokenizer) implements Contender<int[]> {
  /** Loads a rank file of that name, or else the {@code tokenizer.json} of that folder. */
  static OurContender open(String name) {
    Path file =
        SharedFolder.isRankFile(name)
            ? SharedFolder.rankFile(name)
            : SharedFolder.tokenizerJson(name);
    try {
      return new OurContender(Tokenizers.load(file));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Override
  public int[] encode(String text) {
    return tokenizer.encode(text);
  }

  @Override
  public String decode(int[] tokens) {
    return tokenizer.decode(tokens);
  }

  @Override
  public int[] ids(int[] tokens) {
    return tokens;
  }
}

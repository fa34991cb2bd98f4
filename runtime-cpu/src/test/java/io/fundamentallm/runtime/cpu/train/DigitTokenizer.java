package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.contract.NumberTokenizer;
import io.fundamentallm.text.SpecialTokens;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** The digits 0 to 7, with 8 to begin and 9 to end a text. */
public class DigitTokenizer extends NumberTokenizer {
  public DigitTokenizer() {
    super(10, 8, 9);
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return text.chars().map(c -> c - '0').toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return new byte[] {(byte) ('0' + token)};
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    Files.writeString(modelDirectory.resolve("tokenizer.json"), "{}");
  }
}

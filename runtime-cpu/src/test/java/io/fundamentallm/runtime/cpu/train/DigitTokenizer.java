package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;

/** The digits 0 to 7, with 8 to begin and 9 to end a text. */
public class DigitTokenizer implements Tokenizer, Vocabulary {
  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return text.chars().map(c -> c - '0').toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return new byte[] {(byte) ('0' + token)};
  }

  @Override
  public Vocabulary vocabulary() {
    return this;
  }

  @Override
  public void save(Path modelDirectory) throws IOException {
    Files.writeString(modelDirectory.resolve("tokenizer.json"), "{}");
  }

  @Override
  public int size() {
    return 10;
  }

  @Override
  public String token(int id) {
    return Integer.toString(id);
  }

  @Override
  public OptionalInt id(String token) {
    return OptionalInt.of(Integer.parseInt(token));
  }

  @Override
  public OptionalInt bos() {
    return OptionalInt.of(8);
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(9);
  }

  @Override
  public Set<Integer> special() {
    return Set.of(8, 9);
  }
}

package io.fundamentallm.benchmarks.inference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.OptionalInt;

/**
 * The text of a token is its number: for models of random weights, which have learnt no other.
 *
 * @param size how many tokens there are
 */
public record Numbers(int size) implements Tokenizer, Vocabulary {
  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return Arrays.stream(text.toString().split(" ", -1)).mapToInt(Integer::parseInt).toArray();
  }

  @Override
  public byte[] bytes(int token) {
    return (token + " ").getBytes(UTF_8);
  }

  @Override
  public Vocabulary vocabulary() {
    return this;
  }

  @Override
  public void save(Path modelDirectory) {
    throw new UnsupportedOperationException("is not saved");
  }

  @Override
  public String token(int id) {
    return Integer.toString(id);
  }

  @Override
  public OptionalInt id(String token) {
    return OptionalInt.of(Integer.parseInt(token));
  }
}

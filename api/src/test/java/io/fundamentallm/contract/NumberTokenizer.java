package io.fundamentallm.contract;

import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Tokens that are written as their numbers; tests say how text is split. */
public abstract class NumberTokenizer implements Tokenizer, Vocabulary {
  private final int size;
  private final int bos;
  private final int eos;

  protected NumberTokenizer(int size, int bos, int eos) {
    this.size = size;
    this.bos = bos;
    this.eos = eos;
  }

  @Override
  public Vocabulary vocabulary() {
    return this;
  }

  @Override
  public void save(Path modelDirectory) throws IOException {}

  @Override
  public int size() {
    return size;
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
    return OptionalInt.of(bos);
  }

  @Override
  public OptionalInt eos() {
    return OptionalInt.of(eos);
  }

  @Override
  public Set<Integer> special() {
    return IntStream.of(bos, eos).boxed().collect(Collectors.toUnmodifiableSet());
  }
}

package io.fundamentallm;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.decoding.Generation;
import io.fundamentallm.text.SpecialTokens;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.nio.file.Path;
import java.util.List;
import java.util.OptionalInt;
import java.util.stream.IntStream;

/**
 * A vocabulary of given pieces, each once in order, for tests of what happens to the text of
 * certain tokens.
 *
 * @param bytes of each token
 */
record Pieces(List<byte[]> bytes) implements Tokenizer, Vocabulary {
  static Pieces of(List<String> texts) {
    return new Pieces(texts.stream().map(text -> text.getBytes(UTF_8)).toList());
  }

  /** Options to write all of them. */
  DecodingOptions.Builder options() {
    return DecodingOptions.builder()
        .tokenizer(this)
        .sampler(Samplers.greedy())
        .maxNewTokens(size());
  }

  /** Writes the tokens in order, by these options. */
  Generation write(DecodingOptions options) {
    return Decoders.sampling().decode(model(), new int[] {0}, options);
  }

  /** A model that writes them in order behind a prompt of one token. */
  ToyModel model() {
    int[] script = IntStream.range(0, size()).toArray();
    return new ToyModel(ToyModel.info(size(), size() + 1).build(), ToyModel.scripted(1, script));
  }

  @Override
  public int[] encode(CharSequence text, SpecialTokens allowed) {
    return new int[text.length()]; // every character is the first token
  }

  @Override
  public byte[] bytes(int token) {
    return bytes.get(token);
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
  public int size() {
    return bytes.size();
  }

  @Override
  public String token(int id) {
    return new String(bytes.get(id), UTF_8);
  }

  @Override
  public OptionalInt id(String token) {
    return OptionalInt.empty();
  }
}

package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import java.util.Map;

/**
 * {@code auto}: {@link BpeProvider bpe} with as many tokens as suit the size of the texts, a power
 * of two from 512 to 32,768: 1,024 for half a million characters to two million, and twice as many
 * for every four times as much text. A larger vocabulary makes fewer tokens of a text, but each of
 * them is then seen less often. It takes no options; name {@code bpe} to set them.
 */
public final class AutoProvider extends LearningProvider {
  private static final int LEAST = 512;
  private static final int MOST = 32_768;

  /** Characters from which on 1,024 tokens are learned; measured on novels and plays in English. */
  private static final long CHARACTERS = 500_000;

  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public AutoProvider() {}

  @Override
  public String name() {
    return "auto";
  }

  @Override
  public Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    options.requireAllUsed();
    long characters = 0;
    for (CharSequence text : texts) {
      learning.throwIfCancelled();
      characters += text.length();
    }
    Map<String, String> size = Map.of("vocab-size", String.valueOf(vocabularySize(characters)));
    return new BpeProvider().learn(texts, Options.of("tokenizer", "bpe", size), learning);
  }

  static int vocabularySize(long characters) {
    int size = LEAST;
    for (long from = CHARACTERS; size < MOST && characters >= from; from *= 4) {
      size *= 2;
    }
    return size;
  }
}

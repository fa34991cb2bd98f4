package io.fundamentallm.spi;

import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * Provides a kind of tokenizer that is a rule for cutting texts. Learning collects the pieces of
 * the texts. A learned piece is one token; any other is spelled out, with one token for each of its
 * UTF-8 bytes. So every text has an encoding and decodes to itself.
 *
 * <p>Ids 0 to 255 are the bytes, written {@code <0x00>} to {@code <0xFF>}; then come the pieces of
 * more than one byte, the most frequent first, equally frequent ones in their natural order. {@code
 * vocab-size}, an option for learning, limits the number of ids, including those of the bytes; by
 * default all pieces are kept. There is no chat template, and no special token unless {@code
 * end-token=true}, another option for learning, adds {@code <|end|>} as the last id: constraints
 * need one to end a text. The file in a model directory is {@code NAME.vocab}: the pieces in UTF-8,
 * one per line, with {@code \\}, {@code \n} and {@code \r} for the characters that need an escape,
 * and {@code \e} on the last line if there is an end token.
 *
 * @apiNote A complete plugin:
 *     <pre>{@code
 * public final class Codons implements WordLevelProvider {
 *   public String name() {
 *     return "codons";
 *   }
 *
 *   public List<String> cut(String text) {
 *     return List.of(text.split("(?<=\\G...)"));
 *   }
 * }
 * }</pre>
 */
public interface WordLevelProvider extends TokenizerProvider {
  /**
   * Cuts a text. Always cuts the same text the same way; called from many threads.
   *
   * @param text without lone surrogates
   * @return pieces that together are the text, in order; none begins or ends within a surrogate
   *     pair
   */
  List<String> cut(String text);

  @Override
  default Support supports(Path path) {
    Path file = WordLevelFile.in(path, name());
    return Files.isRegularFile(file) && file.endsWith(WordLevelFile.of(name()))
        ? Support.yes("there is " + WordLevelFile.of(name()))
        : Support.no("there is no " + WordLevelFile.of(name()));
  }

  @Override
  default Tokenizer load(Path path, Options options) throws IOException {
    return new WordLevelTokenizer(this, WordLevelFile.read(WordLevelFile.in(path, name())));
  }

  @Override
  default Tokenizer learn(Iterable<? extends CharSequence> texts, Options options) {
    return learn(texts, options, Learning.quiet());
  }

  @Override
  default Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    boolean ends = options.flag("end-token", false);
    int least = WordLevelVocabulary.BYTES + (ends ? 1 : 0);
    int size = options.integer("vocab-size", Integer.MAX_VALUE, least, Integer.MAX_VALUE);
    return WordLevelTokenizer.learn(this, texts, size, ends, learning);
  }
}

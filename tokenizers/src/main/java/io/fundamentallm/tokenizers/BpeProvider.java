package io.fundamentallm.tokenizers;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.spi.Options;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.tokenizers.train.LearnedBpe;

/**
 * {@code bpe}: byte-pair encoding (Sennrich et al., "Neural machine translation of rare words with
 * subword units", ACL 2016), learned as Hugging Face's {@code BpeTrainer} does, to the same merges
 * and ids. Ids go to the special tokens first, then the alphabet, then the merges. Texts are taken
 * line by line, each line with its newline.
 *
 * <p>Options are that trainer's, with its defaults:
 *
 * <ul>
 *   <li>{@code vocab-size} (30000): how many tokens, and not fewer than the special ones and the
 *       256 bytes; an alphabet of characters is kept even if it is larger
 *   <li>{@code min-frequency} (0): how often a pair must occur to be merged
 *   <li>{@code special-tokens}: a list split by commas, as in {@code
 *       special-tokens="<|endoftext|>,<|pad|>"}; by default {@code <|begin|>}, {@code <|end|>} and
 *       {@code <|pad|>}, or none with {@code special=false}
 *   <li>{@code max-token-length} (no limit): no token of this many characters, or bytes, is merged
 *       from longer ones
 *   <li>{@code byte-level} (true): the alphabet is all 256 bytes, as in GPT-2, so every text has an
 *       encoding and comes back exactly
 *   <li>{@code pattern} (gpt2): how text is cut into words, for {@code byte-level} only; {@code
 *       gpt2}, {@code cl100k}, {@code o200k}, {@code llama3}, {@code qwen2}, or a regular
 *       expression
 * </ul>
 *
 * <p>With {@code byte-level=false} the alphabet is the characters that occur:
 *
 * <ul>
 *   <li>{@code byte-fallback} (true): characters outside the alphabet become tokens of their bytes,
 *       {@code <0x00>} to {@code <0xFF>}, which follow the special tokens; otherwise the token
 *       {@code unk-token} ({@code <unk>})
 *   <li>{@code limit-alphabet} (no limit): how many characters to keep, the most frequent
 *   <li>{@code initial-alphabet} (none): characters to keep even where they do not occur
 *   <li>{@code continuing-subword-prefix} or {@code end-of-word-suffix} (none): a mark on tokens
 *       that continue a word, or end one
 * </ul>
 *
 * <p>There, spaces become {@code ▁} and one is put before the text, as in Llama's files; words
 * begin at it, and each line end is a word. Text comes back exactly, except that its own {@code ▁}
 * become spaces, and that characters may be unknown without byte fallback. With a prefix or a
 * suffix, words are cut at white space and punctuation instead, as in Hugging Face's {@code
 * CharBPETokenizer}; that does not keep white space, and has no byte fallback.
 */
public final class BpeProvider extends LearningProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this kind to a registry by hand. */
  public BpeProvider() {}

  @Override
  public String name() {
    return "bpe";
  }

  @Override
  public Tokenizer learn(
      Iterable<? extends CharSequence> texts, Options options, Learning learning) {
    BpeRecipe recipe = BpeRecipe.of(options);
    options.requireAllUsed(); // before, not after all the work
    LearnedBpe learned = recipe.trainer().train(recipe.design().words(texts, learning), learning);
    return recipe.design().with(recipe.special(), learned.forms(), null, learned.merges());
  }
}

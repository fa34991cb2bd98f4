package io.fundamentallm.tokenizers.train;

import io.fundamentallm.spi.Learning;
import io.fundamentallm.tokenizers.text.PrintableBytes;
import java.util.List;
import java.util.stream.IntStream;

/**
 * Learns a BPE vocabulary from word counts, with the parameters, defaults and results of Hugging
 * Face's {@code BpeTrainer}: the most frequent pair is merged first, of equally frequent ones the
 * one with the lowest ids; ids go to the special tokens, the alphabet in the order of its code
 * points, and the merges. What depends there on hash maps with random seeds is decided here by code
 * points, so the result depends on the counts alone. Immutable and thread-safe.
 */
public final class BpeTrainer {
  private final BpeSettings settings;

  private BpeTrainer(BpeSettings settings) {
    this.settings = settings;
  }

  /** A trainer to be set up; everything has its default. */
  public static Builder builder() {
    return new Builder();
  }

  /**
   * Learns from these words.
   *
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public LearnedBpe train(WordCounts words, Learning learning) {
    GrowingVocabulary forms = new GrowingVocabulary();
    Alphabet alphabet = new Alphabet(words, settings, forms);
    learning.throwIfCancelled();
    SymbolText text = new SymbolText(words, settings.units(), alphabet);
    MergeList merges = new MergeLearner(text, forms, settings).learn(learning);
    return new LearnedBpe(forms.all(), merges.forms(forms));
  }

  /** Sets a trainer up. */
  public static final class Builder {
    private Units units = Units.CHARACTERS;
    private int vocabSize = 30_000;
    private long minFrequency;
    private List<String> specialTokens = List.of();
    private int limitAlphabet = -1;
    private List<Integer> initialAlphabet = List.of();
    private String prefix = "";
    private String suffix = "";
    private int maxTokenLength = Integer.MAX_VALUE;
    private boolean byteFallback;

    private Builder() {}

    /** How many tokens to learn; the whole alphabet is kept even if larger. Default 30,000. */
    public Builder vocabSize(int size) {
      vocabSize = atLeast(0, size, "vocabulary size");
      return this;
    }

    /** How often a pair must occur to be merged. Default 0, the same as 1. */
    public Builder minFrequency(long frequency) {
      if (frequency < 0) {
        throw new IllegalArgumentException("minimum frequency is 0 or more, not " + frequency);
      }
      minFrequency = frequency;
      return this;
    }

    /** Tokens that get the first ids. Default none. */
    public Builder specialTokens(List<String> tokens) {
      specialTokens = List.copyOf(tokens);
      return this;
    }

    /** How many characters to keep at most, the most frequent. Default: all. */
    public Builder limitAlphabet(int limit) {
      limitAlphabet = atLeast(0, limit, "limit of the alphabet");
      return this;
    }

    /** Characters that are kept even where they do not occur. Default none. */
    public Builder initialAlphabet(String characters) {
      initialAlphabet = characters.codePoints().distinct().boxed().toList();
      return this;
    }

    /**
     * The alphabet is that of bytes, as in GPT-2, not of characters. The words are those of a
     * byte-level pre-tokenizer in plain UTF-8.
     *
     * @param all whether all 256 are kept even where they do not occur: Hugging Face's {@code
     *     initial_alphabet=ByteLevel.alphabet()}
     */
    public Builder byteLevel(boolean all) {
      units = Units.BYTES;
      initialAlphabet =
          all ? IntStream.range(0, 256).map(PrintableBytes::of).boxed().toList() : List.of();
      return this;
    }

    /** The prefix of tokens that do not begin a word. Default nothing. */
    public Builder continuingSubwordPrefix(String prefix) {
      this.prefix = prefix;
      return this;
    }

    /** The suffix of tokens that end a word. Default nothing. */
    public Builder endOfWordSuffix(String suffix) {
      this.suffix = suffix;
      return this;
    }

    /**
     * No token of this many units is merged from longer ones: Hugging Face's {@code
     * max_token_length}, whose longest tokens are shorter by one, except that two units may always
     * become one. Default: no limit.
     */
    public Builder maxTokenLength(int length) {
      maxTokenLength = atLeast(0, length, "maximum length of a token");
      return this;
    }

    /**
     * Tokens for all bytes follow the special ones, {@code <0x00>} to {@code <0xFF>}, for what the
     * alphabet lacks, as in SentencePiece. Default false.
     */
    public Builder byteFallback(boolean fallback) {
      byteFallback = fallback;
      return this;
    }

    /** The trainer. */
    public BpeTrainer build() {
      return new BpeTrainer(
          new BpeSettings(
              units,
              vocabSize,
              minFrequency,
              specialTokens,
              limitAlphabet,
              initialAlphabet,
              prefix,
              suffix,
              maxTokenLength,
              byteFallback));
    }

    private static int atLeast(int min, int value, String what) {
      if (value < min) {
        throw new IllegalArgumentException(what + " is " + min + " or more, not " + value);
      }
      return value;
    }
  }
}

package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import java.util.List;

/**
 * Learns a WordPiece vocabulary from word counts as Hugging Face's {@code WordPieceTrainer} does: a
 * BPE training with a prefix on what continues a word, of which only the vocabulary is kept.
 * Defaults and ties are those of {@link BpeTrainer}. Immutable and thread-safe.
 */
public final class WordPieceTrainer {
  private final BpeTrainer bpe;

  private WordPieceTrainer(BpeTrainer bpe) {
    this.bpe = bpe;
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
  public LearnedWordPiece train(WordCounts words, Cancellation cancellation, Progress progress) {
    LearnedBpe learned = bpe.train(words, cancellation, progress);
    return new LearnedWordPiece(
        learned.forms(), learned.specialTokens(), learned.continuingSubwordPrefix());
  }

  /** Sets a trainer up; what the parameters mean is said at {@link BpeTrainer.Builder}. */
  public static final class Builder {
    private final BpeTrainer.Builder bpe = BpeTrainer.builder().continuingSubwordPrefix("##");

    private Builder() {}

    /** How many tokens to learn. Default 30,000. */
    public Builder vocabSize(int size) {
      bpe.vocabSize(size);
      return this;
    }

    /** How often a pair must occur to be merged. Default 0. */
    public Builder minFrequency(long frequency) {
      bpe.minFrequency(frequency);
      return this;
    }

    /** Tokens that get the first ids. Default none. */
    public Builder specialTokens(List<String> tokens) {
      bpe.specialTokens(tokens);
      return this;
    }

    /** How many characters to keep at most. Default: all. */
    public Builder limitAlphabet(int limit) {
      bpe.limitAlphabet(limit);
      return this;
    }

    /** Characters that are kept even where they do not occur. Default none. */
    public Builder initialAlphabet(String characters) {
      bpe.initialAlphabet(characters);
      return this;
    }

    /** What the forms of tokens begin with that do not begin a word. Default {@code ##}. */
    public Builder continuingSubwordPrefix(String prefix) {
      bpe.continuingSubwordPrefix(prefix);
      return this;
    }

    /** What the forms of tokens end with that end a word. Default nothing. */
    public Builder endOfWordSuffix(String suffix) {
      bpe.endOfWordSuffix(suffix);
      return this;
    }

    /** The trainer. */
    public WordPieceTrainer build() {
      return new WordPieceTrainer(bpe.build());
    }
  }
}

package io.fundamentallm.tokenizers.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.spi.Learning;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Learns a Unigram vocabulary from word counts, with the parameters, defaults and rules of Hugging
 * Face's {@code UnigramTrainer}, except that words of more than {@value LongWords#LONGEST} bytes
 * are cut. The result depends on the counts alone, and is the same on every JVM. Immutable and
 * thread-safe.
 */
public final class UnigramTrainer {
  /** The gap between scores of characters that had to be added (HF: min_score_penalty_delta). */
  private static final double PENALTY = 0.0001;

  private final UnigramSettings settings;

  private UnigramTrainer(UnigramSettings settings) {
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
  public LearnedUnigram train(WordCounts counts, Learning learning) {
    Cancellation cancellation = learning.cancellation();
    WordText words = new WordText(LongWords.cut(counts, cancellation), cancellation);
    PieceSet pieces = new UnigramLearner(words, settings, learning).learn();
    return finish(words, pieces);
  }

  /** All characters, then the pieces that still fit, by score after the special tokens. */
  private LearnedUnigram finish(WordText words, PieceSet pieces) {
    List<String> specials = new ArrayList<>(new LinkedHashSet<>(settings.specialTokens()));
    if (settings.unknownToken() != null && !specials.contains(settings.unknownToken())) {
      specials.add(0, settings.unknownToken());
    }
    List<String> forms = new ArrayList<>();
    List<Double> scores = new ArrayList<>();
    Set<String> taken = new HashSet<>(specials);
    addCharacters(words, pieces, taken, forms, scores);
    int available = settings.vocabSize() - specials.size();
    for (int piece = 1; piece < pieces.size() && forms.size() < available; piece++) {
      String form = form(words, pieces, piece);
      if (taken.add(form)) {
        forms.add(form);
        scores.add(pieces.score(piece));
      }
    }
    int[] order =
        StableSort.sorted(forms.size(), (a, b) -> Double.compare(scores.get(b), scores.get(a)));
    List<String> all = new ArrayList<>(specials);
    double[] allScores = new double[specials.size() + order.length];
    for (int i : order) {
      allScores[all.size()] = scores.get(i);
      all.add(forms.get(i));
    }
    return new LearnedUnigram(List.copyOf(all), allScores);
  }

  private void addCharacters(
      WordText words, PieceSet pieces, Set<String> taken, List<String> forms, List<Double> scores) {
    Map<String, Double> singles = new HashMap<>();
    for (int piece = 1; piece < pieces.size(); piece++) {
      if (pieces.length(piece) == 1) {
        singles.put(form(words, pieces, piece), pieces.score(piece));
      }
    }
    TreeSet<Integer> characters = new TreeSet<>(settings.initialAlphabet());
    for (int word = 0; word < words.size(); word++) {
      for (int i = words.start(word); i < words.end(word); i++) {
        characters.add(words.text()[i]);
      }
    }
    double penalty = 0;
    double minScore = pieces.minScore();
    for (int character : characters) {
      String form = Character.toString(character);
      if (!taken.add(form)) {
        continue; // a special token
      }
      forms.add(form);
      @Nullable Double score = singles.get(form);
      if (score != null) {
        scores.add(score);
      } else {
        scores.add(minScore + penalty);
        penalty += PENALTY;
      }
    }
  }

  private static String form(WordText words, PieceSet pieces, int piece) {
    return new String(words.text(), pieces.start(piece), pieces.length(piece));
  }

  /** Sets a trainer up. */
  public static final class Builder {
    private int vocabSize = 8_000;
    private int subIterations = 2;
    private double shrinkingFactor = 0.75;
    private List<String> specialTokens = List.of();
    private @Nullable String unknownToken;
    private int maxPieceLength = 16;
    private int seedSize = 1_000_000;
    private List<Integer> initialAlphabet = List.of();

    private Builder() {}

    /** How many tokens to learn; all characters are kept even if there are more. Default 8,000. */
    public Builder vocabSize(int size) {
      vocabSize = atLeast(0, size, "vocabulary size");
      return this;
    }

    /** Expectation maximizations before each pruning. Default 2. */
    public Builder subIterations(int count) {
      subIterations = atLeast(1, count, "number of sub-iterations");
      return this;
    }

    /** The share of the pieces that each pruning keeps. Default 0.75. */
    public Builder shrinkingFactor(double factor) {
      if (!(factor > 0 && factor < 1)) {
        throw new IllegalArgumentException(
            "shrinking factor must be between 0 and 1, not " + factor);
      }
      shrinkingFactor = factor;
      return this;
    }

    /** Tokens that get the first ids. Default none. */
    public Builder specialTokens(List<String> tokens) {
      specialTokens = List.copyOf(tokens);
      return this;
    }

    /**
     * The token for what the alphabet lacks; the first one unless it is among the special tokens.
     */
    public Builder unknownToken(@Nullable String token) {
      unknownToken = token;
      return this;
    }

    /** How many characters a piece may have. Default 16. */
    public Builder maxPieceLength(int length) {
      if (length < 1 || length > 1_000) {
        throw new IllegalArgumentException("maximum piece length is 1 to 1000, not " + length);
      }
      maxPieceLength = length;
      return this;
    }

    /** How many pieces to begin with. Default 1,000,000. */
    public Builder seedSize(int size) {
      seedSize = atLeast(1, size, "number of seeds");
      return this;
    }

    /** Characters that are kept even where they do not occur. Default none. */
    public Builder initialAlphabet(String characters) {
      initialAlphabet = characters.codePoints().distinct().boxed().toList();
      return this;
    }

    /** The trainer. */
    public UnigramTrainer build() {
      return new UnigramTrainer(
          new UnigramSettings(
              vocabSize,
              subIterations,
              shrinkingFactor,
              specialTokens,
              unknownToken,
              maxPieceLength,
              seedSize,
              initialAlphabet));
    }

    private static int atLeast(int min, int value, String what) {
      if (value < min) {
        throw new IllegalArgumentException(what + " is " + min + " or more, not " + value);
      }
      return value;
    }
  }
}

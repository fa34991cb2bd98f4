package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.RowStatistics;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Measures text with a model: log-probability, perplexity, surprisal, entropy. Immutable and
 * thread-safe; the {@code with…} methods give a changed copy. Does not own the model.
 *
 * <p>{@link Tokenizer#beginToken()} comes before the text, so the first token has a probability
 * too; where there is none, it has none. A text longer than the model's context is read in windows
 * that advance by the stride: each token is scored once, with as much left context as the window
 * leaves; with stride s and context C that is at least C - s tokens for all but the first window. A
 * stride of 1 gives every token the full context; a stride of C reads the text once.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TextScore score = TextScorer.of(tokenizer, model).score("It is a truth");
 * System.out.println(score.perplexity() + ", " + score.bitsPerCharacter() + " bits per character");
 * }</pre>
 */
public final class TextScorer {
  private final Tokenizer tokenizer;
  private final LanguageModel model;
  private final int stride;
  private final int alternatives;
  private final Cancellation cancellation;

  private TextScorer(
      Tokenizer tokenizer,
      LanguageModel model,
      int stride,
      int alternatives,
      Cancellation cancellation) {
    this.tokenizer = tokenizer;
    this.model = model;
    this.stride = stride;
    this.alternatives = alternatives;
    this.cancellation = cancellation;
  }

  /**
   * A scorer whose windows advance by half a context.
   *
   * @throws IllegalArgumentException when the tokenizer's vocabulary is larger than the model's, or
   *     smaller by more than padding, as {@link TextGenerator#of(Tokenizer, LanguageModel,
   *     Registry)} says
   */
  public static TextScorer of(Tokenizer tokenizer, LanguageModel model) {
    BeginToken.checkFit(tokenizer, model);
    int half = Math.max(1, model.info().contextLength() / 2);
    return new TextScorer(tokenizer, model, half, 0, Cancellation.none());
  }

  /**
   * With another stride.
   *
   * @param stride tokens by which windows advance, in {@code [1, contextLength]}
   * @throws IllegalArgumentException outside of that range
   */
  public TextScorer withStride(int stride) {
    ScoredRows.checkStride(stride, model.info().contextLength());
    return new TextScorer(tokenizer, model, stride, alternatives, cancellation);
  }

  /**
   * With the model's best tokens reported beside each actual one.
   *
   * @param alternatives how many, at least 0
   */
  public TextScorer withAlternatives(int alternatives) {
    if (alternatives < 0) {
      throw new IllegalArgumentException("alternatives " + alternatives + " is negative");
    }
    return new TextScorer(tokenizer, model, stride, alternatives, cancellation);
  }

  /** With a way to stop a long text; {@code score} then throws CancellationException. */
  public TextScorer withCancellation(Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    return new TextScorer(tokenizer, model, stride, alternatives, cancellation);
  }

  /**
   * Scores a text; look-alikes of special tokens are text. An empty one has no tokens: its
   * perplexity and all that is per token, character or byte are NaN, not an error.
   *
   * @throws NotFiniteException when the model gives a NaN
   * @throws ClosedModelException when it is closed
   */
  public TextScore score(CharSequence text) {
    return score(tokenizer.encode(requireNonNull(text, "text")));
  }

  /**
   * Scores the tokens of a text, behind the begin token that a text has.
   *
   * @param tokens ids, without the begin token; one that is already there is not added again
   * @throws IllegalArgumentException for an id outside the vocabulary
   * @throws NotFiniteException when the model gives a NaN
   * @throws ClosedModelException when it is closed
   */
  public TextScore score(int... tokens) {
    return read(
        ScoredRows.withBegin(
            tokenizer, requireNonNull(tokens, "tokens"), model.info().vocabularySize()));
  }

  /**
   * Scores tokens that are read as they are: no begin token is put before them, and special ones
   * are special. The first has nothing before it, and no score.
   *
   * @param tokens ids
   * @throws IllegalArgumentException for an id outside the vocabulary
   * @throws NotFiniteException when the model gives a NaN
   * @throws ClosedModelException when it is closed
   */
  public TextScore scoreTokens(int[] tokens) {
    return read(
        ScoredRows.checked(requireNonNull(tokens, "tokens"), model.info().vocabularySize()));
  }

  private TextScore read(int[] sequence) {
    List<TokenScore> scores = new ArrayList<>(sequence.length);
    new ScoredRows(stride, cancellation, model)
        .read(
            sequence,
            (rows, first, count) -> {
              for (int i = 0; i < count; i++) {
                scores.add(score(rows[0][i], sequence[first + i], first + i));
              }
            });
    double logProbability = 0;
    for (TokenScore score : scores) {
      logProbability += score.logProbability();
    }
    int[] text = text(sequence);
    long bytes = 0;
    for (int token : text) {
      bytes += tokenizer.bytes(token).length;
    }
    long characters = tokenizer.decode(text).codePoints().count();
    return new TextScore(scores, logProbability, characters, bytes);
  }

  private TokenScore score(float[] logits, int token, int position) {
    RowStatistics row = RowStatistics.of(logits, token, alternatives, position);
    return new TokenScore(
        token,
        row.logProbability(),
        row.entropy() / TextScore.LN_2,
        row.rank(),
        row.alternatives());
  }

  /** The scored tokens that are text; special ones and ids beyond the tokenizer's are not. */
  private int[] text(int[] sequence) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    return Arrays.stream(sequence)
        .skip(1)
        .filter(token -> token < vocabulary.size() && !vocabulary.special().contains(token))
        .toArray();
  }
}

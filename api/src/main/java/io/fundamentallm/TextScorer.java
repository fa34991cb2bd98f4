package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.OptionalInt;

/**
 * Measures text with a model: log-probability, perplexity, surprisal, entropy. Immutable and
 * thread-safe; the {@code with…} methods give a changed copy. Does not own the model.
 *
 * <p>Before the text stands the vocabulary's begin token, where it has one, so that the first token
 * has a probability too. A text longer than the model's context is read in windows that advance by
 * the stride: each token is scored once, with as much left context as the window leaves; with
 * stride s and context C that is at least C - s tokens for all but the first window. A stride of 1
 * gives every token the full context, one of C reads the text once.
 */
public final class TextScorer {
  /** Logits are kept for at most this many floats at a time: 16 MB. */
  private static final int MOST_LOGITS = 1 << 22;

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
   * @throws IllegalArgumentException when the tokenizer's vocabulary is larger than the model's
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
   */
  public TextScorer withStride(int stride) {
    int most = model.info().contextLength();
    if (stride < 1 || stride > most) {
      throw new IllegalArgumentException("stride " + stride + " is not in [1, " + most + "]");
    }
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

  /** Scores a text; look-alikes of special tokens are text. */
  public TextScore score(CharSequence text) {
    return score(tokenizer.encode(requireNonNull(text, "text")));
  }

  /**
   * Scores tokens.
   *
   * @param tokens ids, without the begin token; one that stands there already is not put twice
   * @throws IllegalArgumentException for an id outside the vocabulary
   * @throws IllegalStateException when the model gives a NaN, or is closed
   */
  public TextScore score(int... tokens) {
    int[] sequence = withBegin(requireNonNull(tokens, "tokens"));
    List<TokenScore> scores = new ArrayList<>(tokens.length);
    int context = model.info().contextLength();
    int scored = 1; // sequence[0] has nothing before it
    while (scored < sequence.length) {
      int end = Math.min(sequence.length, scored + (scored == 1 ? context : stride));
      window(sequence, Math.max(0, end - 1 - context), scored, end, scores);
      scored = end;
    }
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

  /** Scores the tokens in [from, to), with those from start on before them. */
  private void window(int[] sequence, int start, int from, int to, List<TokenScore> scores) {
    int vocabularySize = model.info().vocabularySize();
    int most = Math.max(1, MOST_LOGITS / vocabularySize);
    float[][] rows = new float[Math.min(most, to - from)][vocabularySize];
    try (Session session = model.open()) {
      int read = start;
      for (int next = from; next < to; ) {
        int end = Math.min(to, next + rows.length);
        float[][] used = end - next == rows.length ? rows : Arrays.copyOf(rows, end - next);
        // the row after input i scores token i + 1
        int[] inputs = Arrays.copyOfRange(sequence, read, end - 1);
        model.forward(List.of(Append.of(session, inputs, used)), cancellation);
        read = end - 1;
        for (int i = 0; i < used.length; i++) {
          int token = sequence[next + i];
          RowStatistics row = RowStatistics.of(used[i], token, alternatives, next + i);
          scores.add(
              new TokenScore(
                  token,
                  row.logProbability(),
                  row.entropy() / TextScore.LN_2,
                  row.rank(),
                  row.alternatives()));
        }
        next = end;
      }
    }
  }

  private int[] withBegin(int[] tokens) {
    int size = model.info().vocabularySize();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= size) {
        throw new IllegalArgumentException(
            "token "
                + tokens[i]
                + " at index "
                + i
                + " is outside the vocabulary [0, "
                + size
                + ")");
      }
    }
    OptionalInt begin = tokenizer.vocabulary().bos();
    return begin.isEmpty() || (tokens.length > 0 && tokens[0] == begin.getAsInt())
        ? tokens
        : BeginToken.prepend(begin.getAsInt(), tokens);
  }

  /** The scored tokens that are text; special ones and ids beyond the tokenizer's are none. */
  private int[] text(int[] sequence) {
    Vocabulary vocabulary = tokenizer.vocabulary();
    return Arrays.stream(sequence)
        .skip(1)
        .filter(token -> token < vocabulary.size() && !vocabulary.special().contains(token))
        .toArray();
  }
}

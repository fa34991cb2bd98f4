package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.buffers.Elements;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NotFiniteException;
import io.fundamentallm.model.Session;
import io.fundamentallm.text.Tokenizer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Turns texts into vectors: the model's hidden states of their tokens, pooled. Immutable and
 * thread-safe; the {@code with…} methods give a changed copy. Does not own the model.
 *
 * <p>What the tokenizer's files put around a text is read with it: the begin token before it, and
 * behind it the end token, whose hidden state {@link Pooling#LAST} takes then. One token that both
 * begins and ends texts stands before a text in any case. An empty text is what stands around it,
 * and refused if nothing does. Sums are in double, and a text's vector does not depend on which
 * others are embedded with it.
 *
 * @apiNote For example:
 *     <pre>{@code
 * TextEmbedder embedder = TextEmbedder.of(tokenizer, model).withPooling(Pooling.LAST);
 * float[] vector = embedder.embed("It is a truth"); // of length 1, so that a dot product is the cosine
 * }</pre>
 */
public final class TextEmbedder {
  /** The most tokens of a pass, as in {@link BatchingLimits#defaults()}. */
  private static final int MAX_TOKENS = 512;

  private static final float[][] NO_LOGITS = {};

  private final Tokenizer tokenizer;
  private final LanguageModel model;
  private final Pooling pooling;
  private final boolean normalization;
  private final Cancellation cancellation;

  private TextEmbedder(
      Tokenizer tokenizer,
      LanguageModel model,
      Pooling pooling,
      boolean normalization,
      Cancellation cancellation) {
    this.tokenizer = tokenizer;
    this.model = model;
    this.pooling = pooling;
    this.normalization = normalization;
    this.cancellation = cancellation;
  }

  /**
   * An embedder that takes the mean, normalized.
   *
   * @throws IllegalArgumentException when the tokenizer's vocabulary is larger than the model's, or
   *     smaller by more than padding, as {@link TextGenerator#of(Tokenizer, LanguageModel,
   *     Registry)} says
   * @throws UnsupportedOperationException when the model lacks {@link Capability#HIDDEN_STATES}
   */
  public static TextEmbedder of(Tokenizer tokenizer, LanguageModel model) {
    BeginToken.checkFit(tokenizer, model);
    ModelInfo info = model.info();
    if (!info.capabilities().contains(Capability.HIDDEN_STATES)) {
      throw new UnsupportedOperationException(
          info.architecture()
              + " on "
              + info.device()
              + " gives no hidden states (it lacks "
              + Capability.HIDDEN_STATES
              + "), which embeddings are made of");
    }
    return new TextEmbedder(tokenizer, model, Pooling.MEAN, true, Cancellation.none());
  }

  /** With another way from hidden states to one vector. */
  public TextEmbedder withPooling(Pooling pooling) {
    requireNonNull(pooling, "pooling");
    return new TextEmbedder(tokenizer, model, pooling, normalization, cancellation);
  }

  /** Whether vectors are brought to length 1, so that their inner product is their cosine. */
  public TextEmbedder withNormalization(boolean normalization) {
    return new TextEmbedder(tokenizer, model, pooling, normalization, cancellation);
  }

  /** With a way to stop; embedding then throws CancellationException. */
  public TextEmbedder withCancellation(Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    return new TextEmbedder(tokenizer, model, pooling, normalization, cancellation);
  }

  /**
   * The vector of a text; look-alikes of special tokens are text.
   *
   * @return hiddenSize floats
   * @throws IllegalArgumentException for a text with more tokens than the model's context, or an
   *     empty one if nothing stands around it
   * @throws NotFiniteException when the model gives a NaN or an infinity
   * @throws ClosedModelException when it is closed
   */
  public float[] embed(CharSequence text) {
    return embedAll(List.of(requireNonNull(text, "text")))[0];
  }

  /**
   * The vectors of several texts, read together in passes of up to 512 tokens.
   *
   * @return {@code [texts][hiddenSize]}
   * @throws IllegalArgumentException as for one text; of several it names the index, from 0, and
   *     nothing is computed
   */
  public float[][] embedAll(List<? extends CharSequence> texts) {
    Deque<Reading> waiting = new ArrayDeque<>();
    List<Reading> readings = new ArrayList<>();
    for (CharSequence text : Elements.<CharSequence>copy(texts, "texts")) {
      String name = texts.size() == 1 ? "the text" : "text " + readings.size();
      Reading reading = new Reading(tokens(text, name), model.info().hiddenSize());
      readings.add(reading);
      waiting.add(reading);
    }
    List<Reading> open = new ArrayList<>();
    try {
      while (!waiting.isEmpty() || !open.isEmpty()) {
        pass(waiting, open);
      }
    } finally {
      open.forEach(Reading::close);
    }
    return readings.stream().map(reading -> vector(reading.pooled())).toArray(float[][]::new);
  }

  /**
   * How many tokens the model reads to embed a text, those around it counted.
   *
   * @throws IllegalArgumentException as {@link #embed} has it
   */
  public int count(CharSequence text) {
    return tokens(text, "the text").length;
  }

  private int[] tokens(CharSequence text, String name) {
    int[] tokens =
        ScoredRows.checked(
            BeginToken.text(tokenizer, requireNonNull(text, "text")),
            model.info().vocabularySize());
    int context = model.info().contextLength();
    if (tokens.length > context) {
      throw new IllegalArgumentException(
          name
              + " has "
              + tokens.length
              + " tokens, but the model's context holds "
              + context
              + ". Embed a shorter text, or its parts one by one");
    }
    if (tokens.length == 0) {
      throw new IllegalArgumentException(
          name + " is empty, and the tokenizer has no begin or end token to stand for it");
    }
    // nothing after the first token changes its hidden state
    return pooling == Pooling.CLS ? Arrays.copyOf(tokens, 1) : tokens;
  }

  /** Continues the open texts, and begins waiting ones as long as there is room. */
  private void pass(Deque<Reading> waiting, List<Reading> open) {
    List<Append> batch = new ArrayList<>();
    int room = MAX_TOKENS;
    for (int i = 0; room > 0 && (i < open.size() || !waiting.isEmpty()); i++) {
      if (i == open.size()) {
        open.add(waiting.remove().open(model));
      }
      Append append = open.get(i).next(room, pooling);
      batch.add(append);
      room -= append.tokens().length;
    }
    model.forward(batch, cancellation);
    for (int i = 0; i < batch.size(); i++) {
      open.get(i).add(batch.get(i));
    }
    open.removeIf(Reading::closedAtTheEnd);
  }

  private float[] vector(double[] pooled) {
    double squares = 0;
    for (double value : pooled) {
      squares += value * value;
    }
    if (!Double.isFinite(squares)) {
      throw new NotFiniteException("a hidden state of the text holds a NaN or an infinity");
    }
    // a vector of zeros has no direction and stays as it is
    double scale = normalization && squares > 0 ? 1 / Math.sqrt(squares) : 1;
    float[] vector = new float[pooled.length];
    for (int c = 0; c < vector.length; c++) {
      vector[c] = (float) (pooled[c] * scale);
    }
    return vector;
  }

  /** One text: its tokens, how many were read, and the sum of the hidden states that count. */
  private static final class Reading {
    private final int[] tokens;
    private final double[] sum;
    private int read;
    private int summands;
    private @Nullable Session session;

    Reading(int[] tokens, int width) {
      this.tokens = tokens;
      sum = new double[width];
    }

    Reading open(LanguageModel model) {
      session = model.open();
      return this;
    }

    /** The next tokens, with rows for the hidden states that count. */
    Append next(int max, Pooling pooling) {
      int to = Math.min(tokens.length, read + max);
      int rows = pooling == Pooling.MEAN ? to - read : to == tokens.length ? 1 : 0;
      return new Append(
          requireNonNull(session, "session"),
          Arrays.copyOfRange(tokens, read, to),
          NO_LOGITS,
          new float[rows][sum.length]);
    }

    void add(Append append) {
      float[][] rows = append.hidden();
      for (float[] row : rows) {
        for (int c = 0; c < sum.length; c++) {
          sum[c] += row[c];
        }
      }
      summands += rows.length;
      read += append.tokens().length;
    }

    double[] pooled() {
      return Arrays.stream(sum).map(value -> value / summands).toArray();
    }

    boolean closedAtTheEnd() {
      if (read < tokens.length) {
        return false;
      }
      close();
      return true;
    }

    void close() {
      requireNonNull(session, "session").close();
    }
  }
}

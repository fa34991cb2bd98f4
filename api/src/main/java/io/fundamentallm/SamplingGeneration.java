package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.spi.TokenBuffer;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** One token after the other: logits, stages, choice, text. */
final class SamplingGeneration implements Generation {
  private final LanguageModel model;
  private final DecodingOptions options;
  private final long seed;
  private final TokenBuffer history;
  private final Step step;
  private final Sampler sampler;
  private final Context context;
  private final @Nullable Tokenizer tokenizer;
  private final @Nullable Detokenizer detokenizer;
  private final TextReleaser releaser;

  private final float[] row;
  private final float[] raw;
  private final int[] last = new int[1];

  /** Held while a token is computed, or while the session is freed after closing. */
  private final ReentrantLock computing = new ReentrantLock();

  private volatile boolean closed;
  private volatile @Nullable FinishReason finish;
  private volatile @Nullable Token next;
  private @Nullable RuntimeException failure;
  private boolean begun;

  SamplingGeneration(LanguageModel model, int[] prompt, DecodingOptions options) {
    this.model = model;
    this.options = options;
    ModelInfo info = model.info();
    checkPrompt(prompt, info.vocabularySize());
    seed = options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
    history = TokenBuffer.ofPrompt(prompt);
    step = new Step(info, history, new Randomness(seed, options.sequence()));
    tokenizer = options.tokenizer().orElse(null);
    detokenizer = tokenizer == null ? null : tokenizer.detokenizer();
    sampler =
        options.sampler().bind(tokenizer == null ? Binding.of(info) : Binding.of(info, tokenizer));
    releaser = new TextReleaser(options.stopStrings());
    context = new Context(model, options.contextPolicy());
    row = new float[info.vocabularySize()];
    raw = options.alternatives().isPresent() ? new float[row.length] : new float[0];
  }

  private static void checkPrompt(int[] prompt, int vocabularySize) {
    requireNonNull(prompt, "prompt");
    if (prompt.length == 0) {
      throw new IllegalArgumentException(
          "the prompt is empty: begin it with the token that begins a text");
    }
    for (int i = 0; i < prompt.length; i++) {
      if (prompt[i] < 0 || prompt[i] >= vocabularySize) {
        throw new IllegalArgumentException(
            "token "
                + prompt[i]
                + " at index "
                + i
                + " of the prompt is outside the vocabulary [0, "
                + vocabularySize
                + ")");
      }
    }
  }

  @Override
  public boolean hasNext() {
    if (next != null) {
      return !closed;
    }
    if (failure != null && !closed) {
      throw failure;
    }
    if (finish != null || closed) {
      return false;
    }
    computing.lock();
    try {
      if (!closed) {
        next = compute();
      }
    } catch (RuntimeException e) {
      failure = e;
      context.close();
      throw e;
    } catch (Error e) {
      context.close();
      throw e;
    } finally {
      if (finish != null) {
        context.close();
      }
      computing.unlock();
      if (closed) {
        end();
      }
    }
    return next != null && !closed;
  }

  @Override
  public Token next() {
    // what hasNext() has promised is delivered, also where close() came in between
    Token token = next;
    if (token == null && hasNext()) {
      token = next;
    }
    if (token == null) {
      throw new NoSuchElementException("the generation has ended: " + finish);
    }
    next = null;
    return token;
  }

  private @Nullable Token compute() {
    if (options.maxNewTokens() == 0) {
      finish = FinishReason.MAX_NEW_TOKENS;
      return null;
    }
    Cancellation cancellation = ((Cancellation) () -> closed).or(options.cancellation());
    try {
      cancellation.throwIfCancelled();
      int[] pending = begun ? last : history.tokens(0, history.length());
      begun = true;
      if (!context.append(pending, row, cancellation)) {
        finish = FinishReason.CONTEXT_FULL;
        return null;
      }
    } catch (CancellationException e) {
      if (!cancellation.isCancelled()) {
        throw e;
      }
      finish = FinishReason.CANCELLED;
      return null;
    }
    if (raw.length > 0) {
      System.arraycopy(row, 0, raw, 0, row.length);
    }
    long position = history.length();
    int id = sampler.sample(step.reset(row));
    history.append(id);
    sampler.accept(id);
    last[0] = id;
    String text = release(id);
    if (options.alternatives().isEmpty()) {
      return Token.of(id, text);
    }
    RowStatistics statistics =
        RowStatistics.of(raw, id, options.alternatives().getAsInt(), position);
    return new Token(
        id, text, statistics.logProbability(), statistics.rank(), statistics.alternatives());
  }

  /** Decides whether the token ends the generation, and which text may be shown now. */
  private String release(int id) {
    FinishReason reason = null;
    if (model.info().endTokens().contains(id)) {
      reason = FinishReason.END_TOKEN;
    } else if (options.stopTokens().contains(id)) {
      reason = FinishReason.STOP_TOKEN;
    }
    String text = "";
    if (reason == null && detokenizer != null && isText(id)) {
      text = releaser.append(detokenizer.append(id));
      if (releaser.stopped()) {
        reason = FinishReason.STOP_STRING;
      }
    }
    if (reason == null && history.generated() >= options.maxNewTokens()) {
      reason = FinishReason.MAX_NEW_TOKENS;
    }
    if (reason == null && context.endsBefore(last)) {
      reason = FinishReason.CONTEXT_FULL;
    }
    if (reason != null) {
      finish = reason;
      if (detokenizer != null) {
        text += releaser.append(detokenizer.finish()) + releaser.finish();
      }
    }
    return text;
  }

  private boolean isText(int id) {
    // a model may have more logits than its tokenizer has tokens
    return tokenizer != null
        && id < tokenizer.vocabulary().size()
        && !tokenizer.vocabulary().special().contains(id);
  }

  @Override
  public FinishReason finishReason() {
    FinishReason reason = finish;
    if (reason == null || (next != null && !closed)) {
      throw failure == null
          ? new IllegalStateException("the generation has not ended")
          : new IllegalStateException("the generation failed: " + failure.getMessage(), failure);
    }
    return reason;
  }

  @Override
  public long seed() {
    return seed;
  }

  @Override
  public void close() {
    closed = true;
    end();
  }

  /** After closing: by the thread that closes, or the one that computes, whoever comes later. */
  private void end() {
    if (finish == null || next != null) {
      finish = FinishReason.CANCELLED;
    }
    // the thread that computes may close too, from a callback: it frees when the pass is over
    if (!computing.isHeldByCurrentThread() && computing.tryLock()) {
      try {
        context.close();
      } finally {
        computing.unlock();
      }
    }
  }
}

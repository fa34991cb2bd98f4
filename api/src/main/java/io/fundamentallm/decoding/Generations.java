package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;
import java.time.Duration;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.locks.ReentrantLock;
import org.jspecify.annotations.Nullable;

/** Makes generations from what decoders provide. */
public final class Generations {
  private Generations() {}

  /** The options' seed, or one chosen at random. */
  public static long seed(DecodingOptions options) {
    return options.seed().orElseGet(() -> ThreadLocalRandom.current().nextLong());
  }

  /**
   * A generation that asks the source for tokens as it is iterated.
   *
   * @param seed what {@link Generation#seed()} returns
   * @param promptTokens the prompt's length, for the summary
   */
  public static Generation of(
      TokenSource source, DecodingOptions options, long seed, int promptTokens) {
    return new Lazy(source, options, seed, promptTokens);
  }

  private static final class Lazy implements Generation {
    private final TokenSource source;
    private final Cancellation callers;
    private final long limitNanos;
    private final long seed;
    private final int promptTokens;

    /** Held while a token is computed, or while sessions are freed after closing. */
    private final ReentrantLock computing = new ReentrantLock();

    private volatile boolean closed;
    private volatile @Nullable FinishReason finish;
    private volatile @Nullable Token next;
    private @Nullable Throwable failure;

    private int generated;
    private long startNanos;
    private long firstNanos;
    private long nanos;

    Lazy(TokenSource source, DecodingOptions options, long seed, int promptTokens) {
      this.source = source;
      this.callers = options.cancellation();
      this.limitNanos = options.timeLimit().map(Duration::toNanos).orElse(Long.MAX_VALUE);
      this.seed = seed;
      this.promptTokens = promptTokens;
    }

    @Override
    public boolean hasNext() {
      if (next != null) {
        return !closed;
      }
      if (failure != null && !closed) {
        throw failed(failure);
      }
      if (finish != null || closed) {
        return false;
      }
      computing.lock();
      try {
        if (!closed) {
          next = compute();
        }
      } catch (Throwable e) {
        failure = e;
        throw e;
      } finally {
        freed(failure);
      }
      return next != null && !closed;
    }

    /**
     * After computing: frees what has ended, and lets others continue no matter what that throws.
     */
    private void freed(@Nullable Throwable thrown) {
      try {
        if (finish != null || thrown != null) {
          source.close();
        }
      } catch (RuntimeException | Error e) {
        if (thrown == null) {
          throw e;
        }
        if (thrown != e) {
          thrown.addSuppressed(e);
        }
      } finally {
        computing.unlock();
        if (closed) {
          end();
        }
      }
    }

    private static RuntimeException failed(Throwable failure) {
      if (failure instanceof Error error) {
        throw error;
      }
      return failure instanceof RuntimeException exception ? exception : asState(failure);
    }

    private static IllegalStateException asState(Throwable failure) {
      return new IllegalStateException("the generation failed: " + failure.getMessage(), failure);
    }

    @Override
    public Token next() {
      // what hasNext() promised is delivered, even if close() came in between
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
      long now = System.nanoTime();
      startNanos = generated == 0 && nanos == 0 ? now : startNanos;
      Cancellation cancellation = ((Cancellation) () -> closed || isLate()).or(callers);
      Token token = null;
      try {
        cancellation.throwIfCancelled();
        token = source.next(cancellation);
        finish = source.finishReason();
      } catch (CancellationException e) {
        if (!cancellation.isCancelled()) {
          throw e;
        }
        finish = closed || callers.isCancelled() ? FinishReason.CANCELLED : FinishReason.TIME_LIMIT;
      }
      nanos += System.nanoTime() - now;
      if (token != null) {
        firstNanos = generated++ == 0 ? nanos : firstNanos;
      }
      return token;
    }

    private boolean isLate() {
      return limitNanos != Long.MAX_VALUE && System.nanoTime() - startNanos > limitNanos;
    }

    @Override
    public boolean hasEnded() {
      return finish != null && (next == null || closed);
    }

    @Override
    public FinishReason finishReason() {
      FinishReason reason = finish;
      if (reason == null || !hasEnded()) {
        throw failure == null
            ? new IllegalStateException("the generation has not ended")
            : asState(failure);
      }
      return reason;
    }

    @Override
    public List<GeneratedSequence> sequences() {
      FinishReason reason = finishReason();
      if (reason == FinishReason.CANCELLED || reason == FinishReason.TIME_LIMIT) {
        throw new IllegalStateException("the generation was cut off: " + reason);
      }
      return source.sequences();
    }

    @Override
    public GenerationSummary summary() {
      return new GenerationSummary(
          promptTokens,
          source.cachedTokens(),
          generated,
          Duration.ofNanos(firstNanos),
          Duration.ofNanos(nanos),
          source.draftedTokens(),
          source.acceptedTokens());
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

    /** After closing: called by the closing thread or the computing one, whichever comes later. */
    private void end() {
      if (finish == null || next != null) {
        finish = FinishReason.CANCELLED;
      }
      // the computing thread may also close, from a callback: it frees after the pass
      if (!computing.isHeldByCurrentThread() && computing.tryLock()) {
        try {
          source.close();
        } finally {
          computing.unlock();
        }
      }
    }
  }
}

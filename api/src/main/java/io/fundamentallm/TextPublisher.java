package io.fundamentallm;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.decoding.FinishReason;
import io.fundamentallm.decoding.Generation;
import java.util.concurrent.CancellationException;
import java.util.concurrent.Executor;
import java.util.concurrent.Flow;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Publishes the pieces of a generation's text, with a new generation for each subscriber; see
 * {@link TextGenerator#publish}. Rule numbers are those of Reactive Streams 1.0.
 */
final class TextPublisher implements Flow.Publisher<String> {
  /** A daemon thread for each run, which ends when there is no demand. */
  static final Executor THREADS =
      run -> {
        Thread thread = new Thread(run, "fundamentallm-publish");
        thread.setDaemon(true);
        thread.start();
      };

  private final Supplier<Generation> generations;
  private final Executor executor;

  TextPublisher(Supplier<Generation> generations, Executor executor) {
    this.generations = generations;
    this.executor = executor;
  }

  @Override
  public void subscribe(Flow.Subscriber<? super String> subscriber) {
    new Subscription(requireNonNull(subscriber, "subscriber")).begin();
  }

  private final class Subscription implements Flow.Subscription, Runnable {
    /** Null after the end, so that the subscriber can be garbage collected (3.13). */
    private Flow.@Nullable Subscriber<? super String> subscriber;

    private volatile @Nullable Generation generation;
    private volatile boolean cancelled;
    private volatile @Nullable RuntimeException refusal;
    private final AtomicLong demand = new AtomicLong();

    /**
     * How many reasons there are to check for work. The thread that adds the first reason starts
     * the work, and the thread doing it continues until none is left, so signals are serial (1.3)
     * and never recursive (3.3).
     */
    private final AtomicInteger reasons = new AtomicInteger(1);

    Subscription(Flow.Subscriber<? super String> subscriber) {
      this.subscriber = subscriber;
    }

    void begin() {
      requireNonNull(subscriber).onSubscribe(this);
      if (reasons.decrementAndGet() > 0) {
        start();
      }
    }

    @Override
    public void request(long count) {
      if (count <= 0) {
        refusal =
            new IllegalArgumentException(
                "request(" + count + "): expected at least 1 (Reactive Streams, rule 3.9)");
      } else {
        demand.accumulateAndGet(count, (a, b) -> a + b < 0 ? Long.MAX_VALUE : a + b); // 3.17
      }
      if (reasons.getAndIncrement() == 0) {
        start();
      }
    }

    @Override
    public void cancel() {
      cancelled = true;
      Generation present = generation;
      try {
        if (present != null) {
          present.close();
        }
      } finally {
        if (reasons.getAndIncrement() == 0) {
          run();
        }
      }
    }

    private void start() {
      try {
        executor.execute(this);
      } catch (RuntimeException | Error e) {
        if (subscriber == null) {
          throw e; // it ran in this thread, where a subscriber that throws is noticed
        }
        end(e); // refused, or there is no thread
      }
    }

    @Override
    public void run() {
      int seen = reasons.get();
      do {
        try {
          serve();
        } catch (RuntimeException | Error e) {
          // a subscriber that throws counts as cancelled, and whoever called run() gets it (2.13)
          release();
          throw e;
        }
        seen = reasons.addAndGet(-seen);
      } while (seen != 0);
    }

    /** Signals for as long as there is demand. */
    private void serve() {
      while (subscriber != null) {
        if (cancelled) {
          release();
        } else if (refusal != null) {
          end(refusal);
        } else if (demand.get() == 0) {
          return;
        } else {
          signalNext();
        }
      }
    }

    private void signalNext() {
      String piece = "";
      boolean ended = false;
      try {
        Generation present = generation();
        while (piece.isEmpty() && present.hasNext()) {
          piece = present.next().text();
        }
        ended = present.hasEnded();
        if (ended && !cancelled && present.finishReason() == FinishReason.CANCELLED) {
          throw new CancellationException("the generation was cancelled by its options");
        }
      } catch (RuntimeException | Error e) {
        end(e);
        return;
      }
      if (!piece.isEmpty() && !cancelled) {
        demand.updateAndGet(d -> d == Long.MAX_VALUE ? d : d - 1);
        requireNonNull(subscriber).onNext(piece);
      }
      if (ended) {
        end(null);
      }
    }

    private Generation generation() {
      Generation present = generation;
      if (present == null) {
        present = generations.get();
        generation = present;
        if (cancelled) {
          present.close(); // cancel() could not see it yet
        }
      }
      return present;
    }

    /** The last signal, unless the subscriber has cancelled. */
    private void end(@Nullable Throwable reason) {
      Flow.Subscriber<? super String> last = subscriber;
      Throwable failure = reason;
      try {
        release();
      } catch (RuntimeException | Error e) {
        failure = reason == null ? e : reason; // a subscriber always gets its end signal
      }
      if (last == null || cancelled) {
        return;
      }
      if (failure == null) {
        last.onComplete();
      } else {
        last.onError(failure);
      }
    }

    private void release() {
      subscriber = null;
      Generation present = generation;
      if (present != null) {
        present.close();
      }
    }
  }
}

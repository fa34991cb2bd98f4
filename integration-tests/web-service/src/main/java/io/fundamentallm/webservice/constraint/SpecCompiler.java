package io.fundamentallm.webservice.constraint;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.ProviderException;
import io.fundamentallm.webservice.error.ApiException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Makes parts of specs that take long to compile, on its own few threads: they hold up only each
 * other, and not for long. The time of each is limited from when its turn comes. If others have
 * waited for a moment, the one that has run longest is given up for them. Compilers soon notice
 * that. The last few results are kept. Thread-safe.
 */
final class SpecCompiler<T> implements AutoCloseable {
  /** An automaton over a large vocabulary takes a few megabytes, and a client has few formats. */
  private static final int KEPT = 8;

  /** One stays free for others while the other is busy with a client that asks for too much. */
  private static final int THREADS = 2;

  /** How long each may take while others wait; most take a tenth of it. */
  private static final Duration SHARE = Duration.ofMillis(250);

  private final Function<String, T> parse;
  private final Duration time;

  /** By spec, the least recently used first. Guarded by itself. */
  private final Map<String, T> recent = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  /** In the order they began. Guarded by itself. */
  private final Set<Compilation> running = new LinkedHashSet<>();

  private final ThreadPoolExecutor threads =
      new ThreadPoolExecutor(
          THREADS,
          THREADS,
          0,
          TimeUnit.SECONDS,
          new ArrayBlockingQueue<>(16),
          work -> {
            Thread made = new Thread(work, "spec-compiler");
            made.setDaemon(true);
            return made;
          });

  SpecCompiler(Function<String, T> parse, Duration time) {
    this.parse = parse;
    this.time = time;
  }

  /**
   * What a spec stands for.
   *
   * @param param the field that is at fault if the spec is refused
   * @throws ApiException if it is refused, takes too long, or does not get its turn
   */
  T compile(String param, String spec) {
    synchronized (recent) {
      T known = recent.get(spec);
      if (known != null) {
        return known;
      }
    }
    Compilation compiling = new Compilation(spec);
    try {
      threads.execute(compiling);
    } catch (RejectedExecutionException e) {
      throw busy();
    }
    try {
      awaitTurn(compiling);
      T compiled = compiling.get(time.toNanos(), TimeUnit.NANOSECONDS);
      keep(spec, compiled);
      return compiled;
    } catch (CancellationException e) {
      throw ApiException.busy(
          "'"
              + param
              + "' took longer than "
              + SHARE.toMillis()
              + " ms to compile while others waited: make it simpler, or send it again later");
    } catch (ExecutionException e) {
      throw refused(param, requireNonNull(e.getCause()));
    } catch (TimeoutException e) {
      throw ApiException.invalid(
          param,
          "'"
              + param
              + "' took longer than "
              + time.toMillis()
              + " ms to compile: make it simpler");
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw ApiException.late("the service is being stopped");
    } finally {
      if (compiling.cancel(true)) {
        threads.purge(); // otherwise it would take another's place in the queue
      }
    }
  }

  private void awaitTurn(Compilation compiling) throws InterruptedException {
    long since = System.nanoTime();
    long moment = Math.min(SHARE.toNanos(), time.toNanos());
    while (!compiling.started.await(moment, TimeUnit.NANOSECONDS)) {
      // alone it waits for no more than a thread to start
      if (System.nanoTime() - since >= time.toNanos() && othersRun(compiling)) {
        throw busy();
      }
      cancelLongest();
    }
  }

  private boolean othersRun(Compilation one) {
    synchronized (running) {
      return running.stream().anyMatch(other -> other != one);
    }
  }

  private void cancelLongest() {
    synchronized (running) {
      Iterator<Compilation> inOrder = running.iterator();
      Compilation longest = inOrder.hasNext() ? inOrder.next() : null;
      if (longest != null && longest.isOverShare()) {
        inOrder.remove(); // if it does not notice, the next to wait ends another
        longest.cancel(true);
      }
    }
  }

  private static ApiException busy() {
    return ApiException.busy(
        "the constraints of other requests are being compiled; send this one again later");
  }

  private void keep(String spec, T compiled) {
    synchronized (recent) {
      recent.put(spec, compiled);
      if (recent.size() > KEPT) {
        Iterator<String> eldest = recent.keySet().iterator();
        eldest.next();
        eldest.remove();
      }
    }
  }

  /** Ends its threads; gives up what they compile. */
  @Override
  public void close() {
    threads.shutdownNow();
  }

  /** The answer to a spec that was not understood. */
  static RuntimeException refused(String param, Throwable cause) {
    if (cause instanceof IllegalArgumentException
        || cause instanceof IllegalStateException
        || cause instanceof ProviderException) {
      return ApiException.invalid(param, "'" + param + "' is refused: " + cause.getMessage());
    } else if (cause instanceof StackOverflowError) {
      return ApiException.invalid(param, "'" + param + "' is nested too deeply");
    } else if (cause instanceof Error error) {
      throw error;
    }
    return (RuntimeException) cause;
  }

  /** The work for one spec. */
  private final class Compilation extends FutureTask<T> {
    private final CountDownLatch started = new CountDownLatch(1);
    private volatile long since;

    Compilation(String spec) {
      super(() -> parse.apply(spec));
    }

    @Override
    public void run() {
      since = System.nanoTime();
      synchronized (running) {
        running.add(this);
      }
      started.countDown();
      try {
        super.run();
      } finally {
        synchronized (running) {
          running.remove(this);
        }
      }
    }

    boolean isOverShare() {
      return System.nanoTime() - since > SHARE.toNanos();
    }
  }
}

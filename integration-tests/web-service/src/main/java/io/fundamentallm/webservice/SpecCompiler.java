package io.fundamentallm.webservice;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.ProviderException;
import java.time.Duration;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.Function;

/**
 * Makes parts of specs that take long to compile, one after the other on a thread of its own: they
 * hold up none but each other. The time of each is limited from when its turn comes; one that is
 * given up still holds the thread until it notices. The last few are kept. Thread-safe.
 */
final class SpecCompiler<T> {
  /** An automaton over a large vocabulary takes some megabytes, and a client has few formats. */
  private static final int KEPT = 8;

  private final Function<String, T> parse;
  private final Duration time;

  /** By spec, the one longest unused first. Guarded by itself. */
  private final Map<String, T> recent = new LinkedHashMap<>(2 * KEPT, 0.75f, true);

  private final ThreadPoolExecutor thread =
      new ThreadPoolExecutor(
          1,
          1,
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
   * @param param whose fault it is where the spec is refused
   * @throws ApiException where it is refused, or takes too long, or its turn does not come
   */
  T compile(String param, String spec) {
    synchronized (recent) {
      T known = recent.get(spec);
      if (known != null) {
        return known;
      }
    }
    CountDownLatch begun = new CountDownLatch(1);
    Future<T> compiling;
    try {
      compiling =
          thread.submit(
              () -> {
                begun.countDown();
                return parse.apply(spec);
              });
    } catch (RejectedExecutionException e) {
      throw busy();
    }
    try {
      if (!begun.await(time.toNanos(), TimeUnit.NANOSECONDS)) {
        throw busy();
      }
      T compiled = compiling.get(time.toNanos(), TimeUnit.NANOSECONDS);
      keep(spec, compiled);
      return compiled;
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
        thread.purge(); // else it would take another's place in the queue
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
}

package io.fundamentallm.webservice.admission;

import io.fundamentallm.webservice.error.ApiException;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.Set;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import reactor.core.publisher.Mono;
import reactor.core.publisher.Sinks;

/**
 * Limits how many requests are answered at a time and how many wait, in the order in which they
 * came. Thread-safe.
 */
public final class Admission {
  private final int maxRunning;
  private final int maxWaiting;

  /** Guarded by this, as are the fields of tickets. */
  private final Set<Ticket> waiting = new LinkedHashSet<>();

  private int running;

  public Admission(int maxRunning, int maxWaiting) {
    this.maxRunning = maxRunning;
    this.maxWaiting = maxWaiting;
  }

  /**
   * Takes a place among the running requests, or the waiting ones.
   *
   * @throws ApiException if both are full
   */
  public synchronized Ticket enter() {
    Ticket ticket = new Ticket();
    if (running < maxRunning) {
      running++;
      ticket.runs = true;
      ticket.started.tryEmitEmpty();
    } else if (waiting.size() < maxWaiting) {
      waiting.add(ticket);
    } else {
      throw ApiException.busy(
          running
              + " requests are being answered and "
              + waiting.size()
              + " wait; send this one again later");
    }
    return ticket;
  }

  synchronized int running() {
    return running;
  }

  synchronized int waiting() {
    return waiting.size();
  }

  /** Gives a place to the request that has waited longest. */
  private synchronized @Nullable Ticket next() {
    running--;
    Iterator<Ticket> longest = waiting.iterator();
    if (!longest.hasNext()) {
      return null;
    }
    Ticket ticket = longest.next();
    longest.remove();
    running++;
    ticket.runs = true;
    return ticket;
  }

  /**
   * The place of one request. It is free for the next one once the ticket is closed and its work is
   * over, whichever comes later. So no more threads are busy than requests may run, and the
   * requests counted as running are those that really take the model's time.
   */
  public final class Ticket implements AutoCloseable {
    private final Sinks.Empty<Void> started = Sinks.empty();
    private boolean runs;
    private boolean working;

    /** Written under the lock. */
    private volatile boolean closed;

    private Runnable over = () -> {};

    /** Completes when it is this request's turn. */
    public Mono<Void> started() {
      return started.asMono();
    }

    /** What else ends with the work: it runs just before the place is given back. */
    public void onRelease(Runnable action) {
      synchronized (Admission.this) {
        over = action;
      }
    }

    /**
     * Whether the request has ended, as it does when its client hangs up. Work that goes on for
     * long asks from time to time, from any thread.
     */
    public boolean isClosed() {
      return closed;
    }

    /** Does a piece of the work, on a thread that may block; null if the ticket is closed. */
    public <T> @Nullable T work(Supplier<@Nullable T> work) {
      synchronized (Admission.this) {
        if (closed) {
          return null;
        }
        working = true;
      }
      try {
        return work.get();
      } finally {
        boolean last;
        synchronized (Admission.this) {
          working = false;
          last = closed;
        }
        if (last) {
          release();
        }
      }
    }

    /** Gives the place back, from any thread. */
    @Override
    public void close() {
      boolean ran;
      synchronized (Admission.this) {
        if (closed) {
          return;
        }
        closed = true;
        ran = runs;
        if (!ran) {
          waiting.remove(this);
        }
        if (working) {
          return;
        }
      }
      if (ran) {
        release();
      } else {
        over.run();
      }
    }

    private void release() {
      over.run();
      Ticket next = next();
      if (next != null) {
        next.started.tryEmitEmpty();
      }
    }
  }
}

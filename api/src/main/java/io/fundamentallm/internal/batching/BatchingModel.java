package io.fundamentallm.internal.batching;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.BatchingListener;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CancellationException;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * Joins the calls of many threads into passes of one model; see {@link
 * io.fundamentallm.LanguageModels#batching}.
 *
 * <p>It has no thread of its own. A call is checked and queued, and if no pass is under way its
 * thread leads one: it takes what fits from the queue, runs the inner model for all, and wakes
 * those that are served. A thread is woken when its call is over, or to lead the next pass.
 */
public final class BatchingModel implements LanguageModel {
  /** How often a waiting caller checks whether it was cancelled. */
  private static final long POLL = TimeUnit.MILLISECONDS.toNanos(10);

  private static final long OVER = -1;
  private static final long LEAD = 0;

  private final LanguageModel inner;
  private final BatchingLimits limits;
  private final BatchingListener listener;
  private final BatchAdmission admission;
  private final boolean truncates;

  private final ReentrantLock lock = new ReentrantLock();
  private final BatchQueue queue;
  private final BatchedPass pass = new BatchedPass();
  private final Rendezvous rendezvous = new Rendezvous();
  private boolean running;
  private boolean closed;

  /** The caller that starts the next pass when the time for others to join is up. */
  private @Nullable BatchedCall timekeeper;

  public BatchingModel(LanguageModel inner, BatchingLimits limits, BatchingListener listener) {
    this.inner = requireNonNull(inner, "model");
    this.limits = requireNonNull(limits, "limits");
    this.listener = requireNonNull(listener, "listener");
    admission = new BatchAdmission(this, inner.info());
    truncates = inner.info().capabilities().contains(Capability.TRUNCATE);
    queue = new BatchQueue(limits, !truncates);
  }

  /** The model that computes. */
  public LanguageModel inner() {
    return inner;
  }

  public BatchingLimits limits() {
    return limits;
  }

  @Override
  public ModelInfo info() {
    return inner.info();
  }

  @Override
  public Session open() {
    return new BatchedSession(this, inner.open());
  }

  @Override
  public Session restore(Path file, String tokenizer) throws IOException {
    return new BatchedSession(this, inner.restore(file, tokenizer));
  }

  @Override
  public Runnable onCacheFull(BooleanSupplier reclaim) {
    return inner.onCacheFull(reclaim);
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(cancellation, "cancellation");
    BatchedCall call = admission.admit(batch, cancellation);
    try {
      cancellation.throwIfCancelled();
      if (!enter(call)) {
        throw rejected();
      }
      await(call);
      conclude(call);
    } finally {
      call.end();
    }
  }

  /** Queues a call; false if too many are waiting. */
  private boolean enter(BatchedCall call) {
    lock.lock();
    try {
      if (closed) {
        throw closedModel();
      }
      if (call.isOver()) {
        return true; // an empty batch
      }
      if (queue.calls() >= limits.callers()) {
        return false;
      }
      queue.add(call);
      rendezvous.arrived(System.nanoTime());
      return true;
    } finally {
      lock.unlock();
    }
  }

  private RejectedExecutionException rejected() {
    try {
      listener.onRejection(limits.callers());
    } catch (Throwable e) {
      // the listener's own business, as it says
    }
    return new RejectedExecutionException(
        limits.callers()
            + " calls wait for a pass already, the most that BatchingLimits.callers allows: call"
            + " again later, or raise that limit");
  }

  private void await(BatchedCall call) {
    boolean interrupted = false;
    boolean withdrawn = false;
    try {
      for (long pause = turn(call); pause != OVER; pause = turn(call)) {
        if (pause == LEAD) {
          lead(call);
          continue;
        }
        LockSupport.parkNanos(this, Math.min(pause, POLL));
        // a cancellation may look at the interrupt flag, so it is asked before the flag is cleared
        boolean flagged = Thread.currentThread().isInterrupted();
        if (!withdrawn && call.isCancelled()) {
          withdraw(call);
          withdrawn = true;
        }
        if (flagged) {
          interrupted |= Thread.interrupted(); // otherwise park would no longer wait
        }
      }
    } finally {
      if (interrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What a call does next: {@link #OVER}, {@link #LEAD}, or wait this many nanoseconds. */
  private long turn(BatchedCall call) {
    lock.lock();
    try {
      if (call.isOver()) {
        return OVER;
      }
      if (running) {
        return POLL;
      }
      long left = queue.fillsPass() ? 0 : rendezvous.left(System.nanoTime(), queue.calls());
      if (left == 0) {
        timekeeper = null;
        running = fill(call);
        return running ? LEAD : OVER;
      }
      if (timekeeper == null) {
        timekeeper = call;
      }
      return timekeeper == call ? left : POLL;
    } finally {
      lock.unlock();
    }
  }

  /** Fills the pass; if there is no memory for that, only the call that would have led it fails. */
  private boolean fill(BatchedCall leader) {
    try {
      queue.fill(pass);
      return true;
    } catch (Throwable e) {
      queue.remove(leader);
      leader.fail(e);
      wake(queue.first());
      return false;
    }
  }

  /** Ends all waiting calls; called under the lock. */
  private void refuseAll(Throwable reason) {
    queue.drain(
        call -> {
          call.fail(reason);
          wake(call);
        });
  }

  private void lead(BatchedCall leader) {
    int sessions = pass.appends();
    int tokens = pass.tokens();
    long startNanos = System.nanoTime();
    pass.run(inner);
    long ended;
    int waiting;
    BatchedCall successor;
    BatchedCall over;
    lock.lock();
    try {
      running = false;
      int served = pass.settle(queue, leader);
      over = pass.clear();
      successor = leader.isOver() ? queue.first() : null;
      ended = System.nanoTime();
      waiting = queue.calls();
      rendezvous.passed(startNanos, ended, served + waiting);
    } finally {
      lock.unlock();
    }
    wake(successor);
    wakeAll(over);
    try {
      listener.onPass(waiting, sessions, tokens, ended - startNanos);
    } catch (Throwable e) {
      // the listener's own business, as it says
    }
  }

  private static void wakeAll(@Nullable BatchedCall first) {
    for (BatchedCall call = first; call != null; ) {
      BatchedCall next = call.next(); // a woken call may be gone at once
      wake(call);
      call = next;
    }
  }

  private static void wake(@Nullable BatchedCall call) {
    if (call != null && call.caller() != Thread.currentThread()) {
      LockSupport.unpark(call.caller());
    }
  }

  /** Removes a cancelled call from the queue; what the present pass took of it is undone later. */
  private void withdraw(BatchedCall call) {
    BatchedCall successor = null;
    lock.lock();
    try {
      if (call.unread() == 0 && !truncates) {
        return; // cannot be undone, so it is finished
      }
      queue.remove(call);
      call.fail(call.cancelled());
      if (timekeeper == call) {
        timekeeper = null;
        successor = queue.first();
      }
    } finally {
      lock.unlock();
    }
    wake(successor);
  }

  /** After the last pass of a call: throws if it failed, with its sessions as they were. */
  private void conclude(BatchedCall call) {
    Throwable failure = call.failure();
    boolean cancelled = failure == null ? truncates : failure instanceof CancellationException;
    if (cancelled && call.isCancelled()) {
      failure = call.cancelled();
    }
    if (failure == null) {
      return;
    }
    call.rollBack(failure);
    BatchingModel.<RuntimeException>rethrow(failure);
  }

  /** Throws it unchanged: some languages let a cancellation throw what it does not declare. */
  @SuppressWarnings("unchecked")
  private static <E extends Throwable> void rethrow(Throwable failure) throws E {
    throw (E) failure;
  }

  private static ClosedModelException closedModel() {
    return new ClosedModelException("the model is closed");
  }

  @Override
  public void close() {
    lock.lock();
    try {
      closed = true;
      refuseAll(closedModel());
    } finally {
      lock.unlock();
    }
    inner.close(); // waits for the pass under way
  }
}

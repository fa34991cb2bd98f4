package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;

/**
 * One call of {@link BatchingModel#forward} and its progress. The model's lock guards its mutable
 * state. As a {@link Cancellation} it is the caller's own, except that it never throws, and stays
 * true even if the caller's does not: an interrupt flag is cleared while its thread waits.
 */
final class BatchedCall implements Cancellation {
  /**
   * The most tokens of a step. Drafts of speculative decoding are shorter, and a pass over this few
   * tokens takes little longer than one over a single token.
   */
  private static final int STEP = 16;

  private final Thread caller = Thread.currentThread();
  private final Cancellation cancellation;
  private final List<BatchedSession> sessions = new ArrayList<>(1);
  private boolean step = true;
  private int unread;
  private boolean inPass;
  private @Nullable Throwable failure;

  /** The failure of the last pass, or null; its leader writes and reads it. */
  private @Nullable Throwable outcome;

  private volatile boolean cancelled;
  private volatile @Nullable Throwable broken;

  /** The next of the calls that a pass finished. */
  private @Nullable BatchedCall next;

  BatchedCall(Cancellation cancellation) {
    this.cancellation = cancellation;
  }

  /** Adds a checked append. */
  void add(BatchedSession session, Append append) {
    session.begin(this, append);
    sessions.add(session);
    unread += append.tokens().length;
    step &= append.tokens().length <= STEP;
  }

  /** Releases the sessions for the next call. */
  void end() {
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).end();
    }
  }

  Thread caller() {
    return caller;
  }

  List<BatchedSession> sessions() {
    return sessions;
  }

  /** Whether every append is short; otherwise at least one is a prompt. */
  boolean isStep() {
    return step;
  }

  /** How many tokens no pass has taken yet. */
  int unread() {
    return unread;
  }

  boolean isInPass() {
    return inPass;
  }

  /** Whether passes have nothing left to do for this call. */
  boolean isOver() {
    return unread == 0 && !inPass;
  }

  void take(int tokens) {
    unread -= tokens;
    inPass = true;
  }

  void leavePass() {
    inPass = false;
  }

  /**
   * A later pass will read what the present one was to read, unless the call has failed meanwhile.
   */
  void putBack() {
    int left = 0;
    for (int i = 0; i < sessions.size(); i++) {
      left += sessions.get(i).putBack();
    }
    unread = failure == null ? left : 0;
    inPass = false;
  }

  @Nullable Throwable outcome() {
    return outcome;
  }

  void setOutcome(@Nullable Throwable outcome) {
    this.outcome = outcome;
  }

  @Nullable Throwable failure() {
    return failure;
  }

  /** What was not read yet will never be read. */
  void fail(Throwable reason) {
    if (failure == null) {
      failure = reason;
    }
    unread = 0;
  }

  @Nullable BatchedCall next() {
    return next;
  }

  void setNext(@Nullable BatchedCall next) {
    this.next = next;
  }

  /** Undoes what passes appended, so that the sessions are as before the call. */
  void rollBack(Throwable reason) {
    for (int i = 0; i < sessions.size(); i++) {
      try {
        sessions.get(i).rollBack();
      } catch (RuntimeException | Error e) {
        if (e != reason) { // a throwable may not suppress itself
          reason.addSuppressed(e); // the model was closed meanwhile
        }
      }
    }
  }

  @Override
  public boolean isCancelled() {
    try {
      if (!cancelled && cancellation.isCancelled()) {
        cancelled = true; // never set to false, which another thread's true might be
      }
    } catch (Throwable e) {
      // this may be another caller's thread, which must not see it; and the caller's own thread has
      // to leave the queue before it throws
      broken = e;
      cancelled = true;
    }
    return cancelled;
  }

  /** What a cancelled call throws. */
  Throwable cancelled() {
    Throwable thrown = broken;
    return thrown != null
        ? thrown
        : new CancellationException("the work was cancelled by its caller");
  }
}

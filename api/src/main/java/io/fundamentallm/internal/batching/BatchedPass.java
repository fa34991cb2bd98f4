package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.LanguageModel;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What one pass computes, and for which calls. Filled and settled under the model's lock, run by
 * the caller that leads it. Cancelled when all calls in it are.
 */
final class BatchedPass implements Cancellation {
  private final List<BatchedSession> sessions = new ArrayList<>();
  private final List<Append> appends = new ArrayList<>();
  private final List<BatchedCall> calls = new ArrayList<>();

  private int tokens;

  int tokens() {
    return tokens;
  }

  int appends() {
    return appends.size();
  }

  /** Takes tokens of a session's append; the sessions of a call are adjacent. */
  void add(BatchedCall call, BatchedSession session, int count) {
    appends.add(session.take(count));
    sessions.add(session);
    if (!call.isInPass()) {
      calls.add(call);
    }
    call.take(count);
    tokens += count;
  }

  @Override
  public boolean isCancelled() {
    for (int i = 0; i < calls.size(); i++) {
      if (!calls.get(i).isCancelled()) {
        return false;
      }
    }
    return true;
  }

  /** Computes; keeps a failure for {@link #settle}. */
  void run(LanguageModel model) {
    Throwable thrown = forward(model, null);
    boolean refused =
        (thrown instanceof IllegalStateException || thrown instanceof IllegalArgumentException)
            && calls.size() > 1
            && !isCancelled();
    for (int i = 0; i < calls.size(); i++) {
      // the model found a problem that only it can know, such as a full cache: it concerns one
      // call, and a pass that threw changed nothing
      calls.get(i).setOutcome(refused ? forward(model, calls.get(i)) : thrown);
    }
  }

  /** Computes for all, or for one. */
  private @Nullable Throwable forward(LanguageModel model, @Nullable BatchedCall one) {
    try {
      if (one == null) {
        model.forward(appends, this);
      } else {
        model.forward(appendsOf(one), one);
      }
      return null;
    } catch (Throwable e) {
      return e;
    }
  }

  private List<Append> appendsOf(BatchedCall call) {
    List<Append> own = new ArrayList<>();
    for (int i = 0; i < appends.size(); i++) {
      if (sessions.get(i).call() == call) {
        own.add(appends.get(i));
      }
    }
    return own;
  }

  /**
   * Reports the outcome to the calls. A stack overflow concerns only the leading thread: the others
   * go back to the queue, for a pass that another thread leads.
   *
   * @return how many calls are over
   */
  int settle(BatchQueue queue, BatchedCall leader) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      BatchedCall call = calls.get(i);
      if (call.outcome() instanceof StackOverflowError overflow && call != leader) {
        queue.putBack(call);
        queue.remove(leader);
        leader.fail(overflow);
      }
    }
    for (int i = 0; i < sessions.size(); i++) {
      sessions.get(i).taken();
    }
    int over = 0;
    for (int i = 0; i < calls.size(); i++) {
      BatchedCall call = calls.get(i);
      Throwable outcome = call.outcome();
      if (outcome != null && call.isInPass()) {
        queue.remove(call);
        call.fail(outcome);
      }
      call.leavePass();
      over += call.isOver() ? 1 : 0;
    }
    return over;
  }

  /** Called instead of running if there was no memory to fill the pass. */
  void putBack(BatchQueue queue) {
    for (int i = calls.size() - 1; i >= 0; i--) {
      queue.putBack(calls.get(i));
    }
    clear();
  }

  /** The calls that are over, linked; empties the pass. */
  @Nullable BatchedCall clear() {
    BatchedCall over = null;
    for (int i = calls.size() - 1; i >= 0; i--) {
      BatchedCall call = calls.get(i);
      if (call.isOver()) {
        call.setNext(over);
        over = call;
      }
    }
    sessions.clear();
    appends.clear();
    calls.clear();
    tokens = 0;
    return over;
  }
}

package io.fundamentallm.internal.batching;

import io.fundamentallm.model.BatchingLimits;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.Iterator;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * The waiting calls, and which of them join the next pass: first the steps, then chunks of the
 * prompts, each in order of arrival. If the steps leave the oldest prompt too little room for a
 * chunk, its chunk goes first in the next pass; then the steps go first again. So of any two
 * consecutive passes one begins with the oldest step and one has a whole chunk of the oldest
 * prompt, and neither starves. The model's lock guards it.
 */
final class BatchQueue {
  private final BatchingLimits limits;

  /** Whether a call is never spread over several passes, for a model that cannot truncate. */
  private final boolean indivisible;

  private final Deque<BatchedCall> steps = new ArrayDeque<>();
  private final Deque<BatchedCall> prompts = new ArrayDeque<>();
  private int appends;

  /** Whether the steps took the room of the oldest prompt in the last pass. */
  private boolean promptPassedOver;

  BatchQueue(BatchingLimits limits, boolean indivisible) {
    this.limits = limits;
    this.indivisible = indivisible;
  }

  /** How many calls have tokens that no pass has taken yet. */
  int calls() {
    return steps.size() + prompts.size();
  }

  /** Whether more calls would not make the next pass larger. */
  boolean fillsPass() {
    return appends >= limits.appends();
  }

  void add(BatchedCall call) {
    (call.isStep() ? steps : prompts).add(call);
    appends += call.sessions().size();
  }

  void remove(BatchedCall call) {
    if ((call.isStep() ? steps : prompts).remove(call)) {
      appends -= call.sessions().size();
    }
  }

  /** Puts back a call that a pass took and did not read; of several, the last one first. */
  void putBack(BatchedCall call) {
    call.putBack();
    Deque<BatchedCall> calls = call.isStep() ? steps : prompts;
    if (call.unread() > 0 && !calls.contains(call)) {
      calls.addFirst(call);
      appends += call.sessions().size();
    }
  }

  /** The call whose turn it is. */
  @Nullable BatchedCall first() {
    BatchedCall step = steps.peek();
    return step != null ? step : prompts.peek();
  }

  /** Removes all calls. */
  void drain(Consumer<BatchedCall> each) {
    steps.forEach(each);
    prompts.forEach(each);
    steps.clear();
    prompts.clear();
    appends = 0;
  }

  /** Fills an empty pass; nothing is lost if that fails. */
  void fill(BatchedPass pass) {
    try {
      take(pass);
    } catch (Throwable e) {
      pass.putBack(this);
      steps.forEach(BatchedCall::putBack);
      prompts.forEach(BatchedCall::putBack);
      throw e;
    }
  }

  private void take(BatchedPass pass) {
    BatchedCall prompt = prompts.peek();
    boolean promptFirst = promptPassedOver && prompt != null;
    int unread = prompt == null ? 0 : prompt.unread();
    if (promptFirst) {
      takeFrom(prompt, pass);
    }
    takeAll(steps, pass);
    takeAll(prompts, pass);
    int chunk = Math.min(unread, Math.min(limits.prefillTokens(), limits.tokens()));
    promptPassedOver = !promptFirst && prompt != null && unread - prompt.unread() < chunk;
  }

  private void takeAll(Deque<BatchedCall> calls, BatchedPass pass) {
    Iterator<BatchedCall> waiting = calls.iterator();
    while (waiting.hasNext()) {
      BatchedCall call = waiting.next();
      if (!call.isInPass() && !(hasRoom(pass) && takeFrom(call, pass))) {
        return; // the order is kept: a smaller call after it does not overtake
      }
      if (call.unread() == 0) {
        waiting.remove();
        appends -= call.sessions().size();
      }
    }
  }

  private boolean hasRoom(BatchedPass pass) {
    return pass.tokens() < limits.tokens() && pass.appends() < limits.appends();
  }

  /** Takes what there is room for; false if a call that must stay whole has too little room. */
  private boolean takeFrom(BatchedCall call, BatchedPass pass) {
    if (indivisible
        && pass.appends() > 0
        && (pass.tokens() + call.unread() > limits.tokens()
            || pass.appends() + call.sessions().size() > limits.appends())) {
      return false;
    }
    for (int i = 0; i < call.sessions().size() && (indivisible || hasRoom(pass)); i++) {
      BatchedSession session = call.sessions().get(i);
      int count = session.unread();
      if (!indivisible) {
        int max = call.isStep() ? count : limits.prefillTokens();
        count = Math.min(count, Math.min(max, limits.tokens() - pass.tokens()));
      }
      if (count > 0) {
        pass.add(call, session, count);
      }
    }
    return true;
  }
}

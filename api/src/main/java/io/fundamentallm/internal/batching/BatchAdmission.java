package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ModelInfo;
import java.util.List;

/**
 * Checks a call before it joins others, as the model itself would, so that a bad call does not
 * affect them.
 */
final class BatchAdmission {
  private final BatchingModel model;
  private final ModelInfo info;

  BatchAdmission(BatchingModel model, ModelInfo info) {
    this.model = model;
    this.info = info;
  }

  /** A call whose appends are all valid. */
  BatchedCall admit(List<Append> batch, Cancellation cancellation) {
    BatchedCall call = new BatchedCall(cancellation);
    boolean good = false;
    try {
      for (int i = 0; i < batch.size(); i++) {
        Append append = batch.get(i);
        call.add(check(append, i, call), append);
      }
      good = true;
    } finally {
      if (!good) {
        call.end();
      }
    }
    return call;
  }

  private BatchedSession check(Append append, int index, BatchedCall call) {
    if (!(append.session() instanceof BatchedSession session) || session.model() != model) {
      throw new IllegalArgumentException(
          "append " + index + ": its session belongs to another model");
    }
    if (session.call() == call) {
      throw new IllegalArgumentException("append " + index + ": its session is in the batch twice");
    }
    if (session.isClosed()) {
      throw new IllegalStateException("append " + index + ": the session is closed");
    }
    if (session.call() != null) {
      throw new IllegalStateException(
          "append " + index + ": another thread is just appending to the session");
    }
    AppendCheck.check(append, index, session.length(), info);
    return session;
  }
}

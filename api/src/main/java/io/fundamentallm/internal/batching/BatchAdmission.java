package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ModelInfo;
import java.util.List;

/**
 * Checks a call before it meets others, as the model itself would: what is wrong with one call is
 * no business of theirs.
 */
final class BatchAdmission {
  private final BatchingModel model;
  private final ModelInfo info;

  BatchAdmission(BatchingModel model, ModelInfo info) {
    this.model = model;
    this.info = info;
  }

  /** A call whose appends are all good. */
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
      throw new IllegalArgumentException(
          "append " + index + ": its session stands in the batch twice");
    }
    if (session.isClosed()) {
      throw new IllegalStateException("append " + index + ": the session is closed");
    }
    if (session.call() != null) {
      throw new IllegalStateException(
          "append " + index + ": another thread is just appending to the session");
    }
    int[] tokens = append.tokens();
    for (int i = 0; i < tokens.length; i++) {
      if (tokens[i] < 0 || tokens[i] >= info.vocabularySize()) {
        throw new IllegalArgumentException(
            "append "
                + index
                + ": token "
                + tokens[i]
                + " at index "
                + i
                + " is outside the vocabulary [0, "
                + info.vocabularySize()
                + ")");
      }
    }
    if (tokens.length > session.remaining()) {
      throw new IllegalStateException(
          "append "
              + index
              + ": "
              + tokens.length
              + " tokens do not fit: the session holds "
              + session.length()
              + " of "
              + info.contextLength());
    }
    checkRows(append.logits(), info.vocabularySize(), "logits", index);
    if (append.hidden().length > 0 && !info.capabilities().contains(Capability.HIDDEN_STATES)) {
      throw new IllegalArgumentException("append " + index + ": this model gives no hidden states");
    }
    checkRows(append.hidden(), info.hiddenSize(), "hidden states", index);
    return session;
  }

  private static void checkRows(float[][] rows, int size, String what, int index) {
    for (float[] row : rows) {
      if (row == null || row.length != size) {
        throw new IllegalArgumentException(
            "append "
                + index
                + ": a row of "
                + (row == null ? "no" : row.length)
                + " "
                + what
                + ", expected "
                + size);
      }
    }
  }
}

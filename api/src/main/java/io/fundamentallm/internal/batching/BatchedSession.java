package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * A session of a {@link BatchingModel}, and how far its append under way was read. The caller owns
 * that state before the call is queued and after it is over; in between the model's lock guards it.
 */
final class BatchedSession extends OuterSession {
  private final BatchingModel model;
  private @Nullable BatchedCall call;
  private @Nullable Append append;

  /** The length before the append. */
  private int before;

  /** How many of the append's tokens were read, and how many more the present pass reads. */
  private int read;

  private int taken;

  BatchedSession(BatchingModel model, Session inner) {
    super(inner);
    this.model = model;
  }

  @Override
  public LanguageModel model() {
    return model;
  }

  @Override
  public Session fork() {
    return new BatchedSession(model, inner.fork());
  }

  @Nullable BatchedCall call() {
    return call;
  }

  void begin(BatchedCall call, Append append) {
    this.call = call;
    this.append = append;
    before = length();
    read = 0;
    taken = 0;
  }

  void end() {
    call = null;
    append = null;
  }

  /** How many tokens no pass has taken yet. */
  int unread() {
    return append == null ? 0 : append.tokens().length - read - taken;
  }

  /** The next tokens with their rows, as the inner model sees them. */
  Append take(int count) {
    Append whole = append;
    if (whole == null) {
      throw new IllegalStateException("nothing is appended");
    }
    taken = count;
    int length = whole.tokens().length;
    return count == length
        ? inside(whole)
        : new Append(
            inner,
            Arrays.copyOfRange(whole.tokens(), read, read + count),
            rows(whole.logits(), length),
            rows(whole.hidden(), length));
  }

  /** The rows, of those for the last {@code rows.length} tokens, whose tokens are taken now. */
  private float[][] rows(float[][] rows, int length) {
    int first = length - rows.length;
    int from = Math.max(0, read - first);
    return Arrays.copyOfRange(rows, from, Math.max(from, read + taken - first));
  }

  /**
   * Called if the pass is not run.
   *
   * @return how many tokens are unread now
   */
  int putBack() {
    taken = 0;
    return unread();
  }

  /** Called when the pass is over. */
  void taken() {
    read += taken;
    taken = 0;
  }

  /** Undoes what was read of the append. */
  void rollBack() {
    if (length() > before) {
      inner.truncate(before);
    }
  }
}

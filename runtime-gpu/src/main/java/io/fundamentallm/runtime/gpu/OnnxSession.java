package io.fundamentallm.runtime.gpu;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.Session;
import io.fundamentallm.runtime.gpu.cache.Past;

/**
 * One sequence: a past that is replaced as it grows. Its own lock makes a close from another thread
 * harmless, even during a pass, since the pass holds the past until it ends.
 *
 * @param <P> the pasts of the model's strategy
 */
final class OnnxSession<P extends Past> implements Session {
  private final OnnxModel<P> model;
  private P past;
  private boolean closed;

  /** Bytes of hidden states that are counted. */
  private long reserved;

  /** Takes ownership of one hold of the past. */
  OnnxSession(OnnxModel<P> model, P past) {
    this.model = model;
    this.past = past;
  }

  @Override
  public LanguageModel model() {
    return model;
  }

  @Override
  public synchronized int length() {
    requireOpen();
    return past.length();
  }

  /** The current past, held once more. */
  synchronized P hold() {
    requireOpen();
    past.retain();
    return past;
  }

  /** Takes ownership of one hold of the past that follows. */
  synchronized void replace(P next) {
    if (closed) {
      next.release();
      return;
    }
    past.release();
    past = next;
  }

  @Override
  public synchronized Session fork() {
    return new OnnxSession<>(model, hold());
  }

  @Override
  public synchronized void truncate(int length) {
    requireOpen();
    if (length < 0 || length > past.length()) {
      throw new IllegalArgumentException(
          "cannot truncate to "
              + length
              + " tokens: the session holds "
              + past.length()
              + ", expected 0 to that");
    }
    if (length == past.length()) {
      return;
    }
    replace(model.truncate(past, length));
  }

  @Override
  public synchronized void reserve(long bytes) {
    requireOpen();
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes " + bytes + " is not at least 0");
    }
    model.hiddenStates().add(bytes - reserved);
    reserved = bytes;
  }

  synchronized void requireOpen() {
    model.requireOpen();
    if (closed) {
      throw new IllegalStateException("this session is closed");
    }
  }

  @Override
  public synchronized void close() {
    if (!closed) {
      closed = true;
      model.hiddenStates().add(-reserved);
      past.release();
    }
  }
}

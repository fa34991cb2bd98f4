package io.fundamentallm.internal.batching;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.atomic.AtomicBoolean;
import org.jspecify.annotations.Nullable;

/** A session of a model that wraps another one: the inner session holds its tokens. */
abstract class OuterSession implements Session {
  final Session inner;

  private final AtomicBoolean closed = new AtomicBoolean();
  private @Nullable Append step;

  OuterSession(Session inner) {
    this.inner = inner;
  }

  /** An append to this session, as the inner model sees it. */
  Append inside(Append append) {
    Append last = step;
    // a decoder passes the same arrays for each token: then nothing is allocated
    if (last != null
        && last.tokens() == append.tokens()
        && last.logits() == append.logits()
        && last.hidden() == append.hidden()) {
      return last;
    }
    Append inside = new Append(inner, append.tokens(), append.logits(), append.hidden());
    // the rows of a long prompt are too large to keep from the garbage collector
    step = append.tokens().length == 1 ? inside : null;
    return inside;
  }

  boolean isClosed() {
    return closed.get();
  }

  @Override
  public int length() {
    return inner.length();
  }

  @Override
  public int remaining() {
    return inner.remaining();
  }

  @Override
  public void truncate(int length) {
    inner.truncate(length);
  }

  @Override
  public void evict(int from, int to) {
    inner.evict(from, to);
  }

  @Override
  public void reserve(long bytes) {
    inner.reserve(bytes);
  }

  @Override
  public long bytes() {
    return inner.bytes();
  }

  @Override
  public long shareBeginning(Session other, int length) {
    return other instanceof OuterSession outer && outer.model() == model()
        ? inner.shareBeginning(outer.inner, length)
        : 0;
  }

  @Override
  public void save(Path file, String tokenizer) throws IOException {
    inner.save(file, tokenizer);
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      step = null;
      inner.close();
    }
  }
}

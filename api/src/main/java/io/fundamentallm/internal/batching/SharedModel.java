package io.fundamentallm.internal.batching;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * One use of a shared model. Its sessions wrap sessions of that model, so that they end with this
 * use and no other.
 */
final class SharedModel implements LanguageModel {
  private final LanguageModel inner;
  private final Runnable release;
  private final Set<SharedSession> sessions = ConcurrentHashMap.newKeySet();

  /** One permit for each call under way; closing takes all. */
  private final Semaphore uses = new Semaphore(Integer.MAX_VALUE);

  private final AtomicBoolean closed = new AtomicBoolean();

  /** The last pass's list, reused by the next one. */
  private final AtomicReference<@Nullable List<Append>> spare = new AtomicReference<>();

  /**
   * A use.
   *
   * @param release called once, when this is closed and no call is under way
   */
  SharedModel(LanguageModel inner, Runnable release) {
    this.inner = inner;
    this.release = release;
  }

  @Override
  public ModelInfo info() {
    return inner.info();
  }

  @Override
  public Session open() {
    enter();
    try {
      return new SharedSession(this, inner.open());
    } finally {
      leave();
    }
  }

  @Override
  public Session restore(Path file, String tokenizer) throws IOException {
    enter();
    try {
      return new SharedSession(this, inner.restore(file, tokenizer));
    } finally {
      leave();
    }
  }

  @Override
  public Runnable onCacheFull(BooleanSupplier reclaim) {
    return inner.onCacheFull(reclaim);
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    requireNonNull(batch, "batch");
    List<Append> inside = spare.getAndSet(null);
    if (inside == null) {
      inside = new ArrayList<>();
    }
    enter();
    try {
      for (int i = 0; i < batch.size(); i++) {
        Append append = batch.get(i);
        if (!(append.session() instanceof SharedSession session) || session.model() != this) {
          throw new IllegalArgumentException(
              "append " + i + ": its session belongs to another model");
        }
        inside.add(session.inside(append));
      }
      inner.forward(inside, cancellation);
    } finally {
      inside.clear();
      spare.set(inside);
      leave();
    }
  }

  private boolean tryEnter() {
    return !closed.get() && uses.tryAcquire();
  }

  private void enter() {
    if (!tryEnter()) {
      throw new ClosedModelException("this use of the shared model is closed");
    }
  }

  private void leave() {
    uses.release();
  }

  @Override
  public void close() {
    if (closed.compareAndSet(false, true)) {
      uses.acquireUninterruptibly(Integer.MAX_VALUE);
      try {
        // the memory that this use took of the model goes to other uses
        sessions.forEach(SharedSession::free);
        sessions.clear();
      } finally {
        release.run();
      }
    }
  }

  private static final class SharedSession extends OuterSession {
    private final SharedModel model;

    SharedSession(SharedModel model, Session inner) {
      super(inner);
      this.model = model;
      model.sessions.add(this);
    }

    @Override
    public LanguageModel model() {
      return model;
    }

    @Override
    public Session fork() {
      model.enter();
      try {
        return new SharedSession(model, inner.fork());
      } finally {
        model.leave();
      }
    }

    @Override
    public void truncate(int length) {
      model.enter();
      try {
        super.truncate(length);
      } finally {
        model.leave();
      }
    }

    @Override
    public void evict(int from, int to) {
      model.enter();
      try {
        super.evict(from, to);
      } finally {
        model.leave();
      }
    }

    @Override
    public void reserve(long bytes) {
      model.enter();
      try {
        super.reserve(bytes);
      } finally {
        model.leave();
      }
    }

    @Override
    public long shareBeginning(Session other, int length) {
      model.enter();
      try {
        return super.shareBeginning(other, length);
      } finally {
        model.leave();
      }
    }

    @Override
    public void save(Path file, String tokenizer) throws IOException {
      model.enter();
      try {
        super.save(file, tokenizer);
      } finally {
        model.leave();
      }
    }

    @Override
    public void close() {
      // otherwise the use is closed, and frees its sessions itself
      if (model.tryEnter()) {
        try {
          model.sessions.remove(this);
          free();
        } finally {
          model.leave();
        }
      }
    }

    private void free() {
      super.close();
    }
  }
}

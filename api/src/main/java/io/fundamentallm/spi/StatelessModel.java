package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.internal.batching.AppendCheck;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import java.util.concurrent.locks.ReentrantReadWriteLock;

/**
 * A language model that is a function: its logits depend on the tokens so far, and nothing is kept
 * of them but the tokens. For runtimes that count, look up, or ask something else; one with a cache
 * of keys and values implements {@link LanguageModel} itself.
 *
 * <p>Sessions, forks, truncation, eviction, cancellation and closing work as {@link LanguageModel}
 * promises: a model made here passes its contract if its function keeps to its own. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * ModelInfo.Builder info = ModelInfo.builder("uniform", 50_257, 1024).device("memory");
 * LanguageModel uniform = StatelessModel.of(info, (tokens, length, logits) -> Arrays.fill(logits, 0));
 * }</pre>
 */
public final class StatelessModel {
  private StatelessModel() {}

  /** The logits of the token after a sequence. */
  @FunctionalInterface
  public interface Function {
    /**
     * Fills a row, every entry of it. The same tokens must always give the same row; called by many
     * threads. What it throws ends the pass, and leaves the sessions as they were.
     *
     * @param tokens the sequence: the first {@code length} entries, in {@code [0, vocabularySize)};
     *     not to be changed or kept
     * @param length at least 1
     * @param logits [vocabularySize], to be filled
     */
    void fill(int[] tokens, int length, float[] logits);
  }

  /**
   * A model of this description. Its capabilities are {@link Capability#SHARED_FORK}, {@link
   * Capability#TRUNCATE} and {@link Capability#EVICT}, whatever the description says.
   */
  public static LanguageModel of(ModelInfo.Builder info, Function function) {
    ModelInfo described =
        info.capabilities(Capability.SHARED_FORK, Capability.TRUNCATE, Capability.EVICT).build();
    return new Model(described, requireNonNull(function, "function"));
  }

  private static final class Model implements LanguageModel {
    private final ModelInfo info;
    private final Function function;

    /**
     * Read by passes and by whatever looks at a session; written by close, which waits for them.
     */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    Model(ModelInfo info, Function function) {
      this.info = info;
      this.function = function;
    }

    @Override
    public ModelInfo info() {
      return info;
    }

    @Override
    public Session open() {
      requireOpen();
      return new Sequence(this, new int[16], 0);
    }

    @Override
    public void forward(List<Append> batch, Cancellation cancellation) {
      use.readLock().lock();
      try {
        requireOpen();
        Set<Session> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < batch.size(); i++) {
          Append append = batch.get(i);
          if (append.session().model() != this) {
            throw new IllegalArgumentException(
                "append " + i + ": the session belongs to another model");
          }
          if (!seen.add(append.session())) {
            throw new IllegalArgumentException(
                "append " + i + ": the session stands twice in the batch");
          }
          ((Sequence) append.session()).requireUsable();
          AppendCheck.check(append, i, append.session().length(), info);
        }
        for (Append append : batch) {
          ((Sequence) append.session()).compute(append, cancellation);
        }
        for (Append append : batch) {
          ((Sequence) append.session()).length += append.tokens().length;
        }
      } finally {
        use.readLock().unlock();
      }
    }

    void requireOpen() {
      use.readLock().lock();
      try {
        if (closed) {
          throw new ClosedModelException("the model is closed");
        }
      } finally {
        use.readLock().unlock();
      }
    }

    @Override
    public void close() {
      use.writeLock().lock();
      try {
        closed = true;
      } finally {
        use.writeLock().unlock();
      }
    }
  }

  private static final class Sequence implements Session {
    private final Model model;

    /** The first {@link #length} are the sequence; what follows is nobody's. */
    private int[] tokens;

    private int length;

    /** Whether a fork reads the same array, so that it must be copied before it is written. */
    private boolean shared;

    private boolean ended;

    Sequence(Model model, int[] tokens, int length) {
      this.model = model;
      this.tokens = tokens;
      this.length = length;
    }

    void requireUsable() {
      model.requireOpen();
      if (ended) {
        throw new IllegalStateException("the session is closed");
      }
    }

    /** Writes behind the end; the sequence is longer only when all of the batch has succeeded. */
    void compute(Append append, Cancellation cancellation) {
      int[] added = append.tokens();
      int total = length + added.length;
      if (shared || total > tokens.length) {
        tokens = Arrays.copyOf(tokens, Math.max(total, Math.min(2 * total, total + (1 << 16))));
        shared = false;
      }
      System.arraycopy(added, 0, tokens, length, added.length);
      float[][] rows = append.logits();
      for (int row = 0; row < rows.length; row++) {
        cancellation.throwIfCancelled();
        model.function.fill(tokens, total - rows.length + row + 1, rows[row]);
      }
      cancellation.throwIfCancelled();
    }

    @Override
    public LanguageModel model() {
      return model;
    }

    @Override
    public int length() {
      return length;
    }

    @Override
    public Session fork() {
      requireUsable();
      shared = true;
      Sequence fork = new Sequence(model, tokens, length);
      fork.shared = true;
      return fork;
    }

    @Override
    public void truncate(int to) {
      requireUsable();
      if (to < 0 || to > length) {
        throw new IllegalArgumentException("length " + to + " is not in [0, " + length + "]");
      }
      length = to;
    }

    @Override
    public void evict(int from, int to) {
      requireUsable();
      if (from < 0 || from > to || to > length) {
        throw new IllegalArgumentException(
            "[" + from + ", " + to + ") is not a range of " + length + " tokens");
      }
      int[] kept = Arrays.copyOf(tokens, tokens.length);
      System.arraycopy(tokens, to, kept, from, length - to);
      tokens = kept;
      shared = false;
      length -= to - from;
    }

    @Override
    public void close() {
      ended = true;
    }
  }
}

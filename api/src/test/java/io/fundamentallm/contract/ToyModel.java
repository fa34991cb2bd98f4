package io.fundamentallm.contract;

import io.fundamentallm.model.Append;
import io.fundamentallm.model.CacheFullException;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ClosedModelException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;

/**
 * A model whose logits are a plain function of the tokens so far, for tests of what stands above a
 * model. Keeps every promise of {@link LanguageModel}, and counts what is asked of it. Thread-safe.
 */
public final class ToyModel implements LanguageModel {
  /** The logits of the token after a sequence. A pure function; called from any thread. */
  @FunctionalInterface
  public interface Scores {
    /**
     * Fills a row.
     *
     * @param tokens the sequence: the first {@code length} entries
     * @param row [V]
     */
    void score(int[] tokens, int length, float[] row);
  }

  /** Called before each token that is computed; may block, or cancel by throwing. */
  @FunctionalInterface
  public interface Pace {
    /**
     * One token.
     *
     * @param position its index in the sequence
     */
    void beforeToken(int position, Cancellation cancellation);
  }

  private final ModelInfo info;
  private final Scores scores;
  private final Pace pace;
  private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();
  private final AtomicInteger openSessions = new AtomicInteger();
  private final AtomicLong forwards = new AtomicLong();
  private final AtomicLong computed = new AtomicLong();
  private final AtomicLong reserved = new AtomicLong();
  private volatile long budget = Long.MAX_VALUE;
  private boolean closed;

  /** A model of this description that runs at this pace. */
  public ToyModel(ModelInfo info, Scores scores, Pace pace) {
    this.info = info;
    this.scores = scores;
    this.pace = pace;
  }

  /** A model of this description. */
  public ToyModel(ModelInfo info, Scores scores) {
    this(info, scores, (position, cancellation) -> {});
  }

  /**
   * A description with every capability but that of saving sessions, and that which makes a {@link
   * io.fundamentallm.TextGenerator} keep sessions: most tests count those left open.
   */
  public static ModelInfo.Builder info(int vocabularySize, int contextLength) {
    return ModelInfo.builder("toy", vocabularySize, contextLength)
        .shape(4, 0, 0)
        .device("memory")
        .precision("f32")
        .capabilities(
            Stream.of(Capability.values())
                .filter(capability -> capability != Capability.SAVE)
                .filter(capability -> capability != Capability.RECLAIM)
                .toArray(Capability[]::new));
  }

  /** Logits in [-2, 2) by a hash of the whole sequence: any token out of place changes them all. */
  public static Scores hashing() {
    return (tokens, length, row) -> {
      long hash = hash(tokens, length);
      for (int i = 0; i < row.length; i++) {
        row[i] = unit(hash + i) * 4 - 2;
      }
    };
  }

  /**
   * Logits that leave no choice: 100 for one token, 0 for the others.
   *
   * @param first the length of the sequence at which the script begins
   * @param script the tokens that follow, again from the beginning after the last
   */
  public static Scores scripted(int first, int... script) {
    return (tokens, length, row) -> {
      Arrays.fill(row, 0);
      row[script[Math.floorMod(length - first, script.length)]] = 100;
    };
  }

  /** How many sessions were opened or forked and not closed. */
  public int openSessions() {
    return openSessions.get();
  }

  /** How many passes were asked for. */
  public long forwards() {
    return forwards.get();
  }

  /** How many tokens were computed, in all passes together. */
  public long computed() {
    return computed.get();
  }

  /** How many bytes sessions have reserved. */
  public long reserved() {
    return reserved.get();
  }

  /** Lets sessions reserve so many bytes together. */
  public ToyModel withBudget(long bytes) {
    budget = bytes;
    return this;
  }

  @Override
  public ModelInfo info() {
    return info;
  }

  @Override
  public Session open() {
    use.readLock().lock();
    try {
      checkOpen();
      return new Sequence(new int[0]);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void forward(List<Append> batch, Cancellation cancellation) {
    forwards.incrementAndGet();
    use.readLock().lock();
    try {
      checkOpen();
      Set<Session> seen = new HashSet<>();
      for (Append append : batch) {
        check(append, seen);
      }
      for (Append append : batch) {
        compute(append, cancellation);
      }
      for (Append append : batch) {
        Sequence sequence = (Sequence) append.session();
        sequence.tokens = joined(sequence.tokens, append.tokens());
      }
    } finally {
      use.readLock().unlock();
    }
  }

  private void checkOpen() {
    if (closed) {
      throw new ClosedModelException("the model is closed");
    }
  }

  private void check(Append append, Set<Session> seen) {
    if (append.session().model() != this) {
      throw new IllegalArgumentException("the session belongs to another model");
    }
    if (!seen.add(append.session())) {
      throw new IllegalArgumentException("a session stands twice in the batch");
    }
    ((Sequence) append.session()).checkUsable();
    for (int token : append.tokens()) {
      if (token < 0 || token >= info.vocabularySize()) {
        throw new IllegalArgumentException(
            "token " + token + " is outside [0, " + info.vocabularySize() + ")");
      }
    }
    if (append.tokens().length > append.session().remaining()) {
      throw new IllegalStateException(
          append.tokens().length
              + " tokens do not fit: "
              + append.session().remaining()
              + " of "
              + info.contextLength()
              + " are left");
    }
    checkRows("logits", append.logits(), info.vocabularySize());
    if (append.hidden().length > 0 && !info.capabilities().contains(Capability.HIDDEN_STATES)) {
      throw new IllegalArgumentException("this model gives no hidden states");
    }
    checkRows("hidden", append.hidden(), info.hiddenSize());
  }

  private static void checkRows(String what, float[][] rows, int expected) {
    for (float[] row : rows) {
      if (row.length != expected) {
        throw new IllegalArgumentException(
            "a row of " + what + " has " + row.length + " floats, expected " + expected);
      }
    }
  }

  private void compute(Append append, Cancellation cancellation) {
    int before = append.session().length();
    int[] tokens = joined(((Sequence) append.session()).tokens, append.tokens());
    for (int i = 0; i < append.tokens().length; i++) {
      pace.beforeToken(before + i, cancellation);
      cancellation.throwIfCancelled();
      computed.incrementAndGet();
      int length = before + i + 1;
      int fromEnd = append.tokens().length - i;
      if (fromEnd <= append.logits().length) {
        scores.score(tokens, length, append.logits()[append.logits().length - fromEnd]);
      }
      if (fromEnd <= append.hidden().length) {
        float[] row = append.hidden()[append.hidden().length - fromEnd];
        for (int c = 0; c < row.length; c++) {
          row[c] = unit(hash(tokens, length) - c - 1);
        }
      }
    }
  }

  private static int[] joined(int[] first, int[] second) {
    int[] all = Arrays.copyOf(first, first.length + second.length);
    System.arraycopy(second, 0, all, first.length, second.length);
    return all;
  }

  private static long hash(int[] tokens, int length) {
    long hash = 0;
    for (int i = 0; i < length; i++) {
      hash = mixed(hash + tokens[i] + 1);
    }
    return hash;
  }

  private static float unit(long hash) {
    return (mixed(hash) >>> 40) * 0x1p-24f;
  }

  /** The finaliser of SplitMix64 (Steele, Lea, Flood, 2014). */
  private static long mixed(long z) {
    z += 0x9E3779B97F4A7C15L;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
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

  private final class Sequence implements Session {
    private int[] tokens;
    private long own;
    private boolean ended;

    Sequence(int[] tokens) {
      this.tokens = tokens;
      openSessions.incrementAndGet();
    }

    private void checkUsable() {
      checkOpen();
      if (ended) {
        throw new IllegalStateException("the session is closed");
      }
    }

    @Override
    public LanguageModel model() {
      return ToyModel.this;
    }

    @Override
    public int length() {
      return tokens.length;
    }

    @Override
    public Session fork() {
      checkUsable();
      return new Sequence(tokens);
    }

    @Override
    public void truncate(int length) {
      checkUsable();
      require(Capability.TRUNCATE);
      if (length < 0 || length > tokens.length) {
        throw new IllegalArgumentException(
            "length " + length + " is not in [0, " + tokens.length + "]");
      }
      tokens = Arrays.copyOf(tokens, length);
    }

    @Override
    public void evict(int from, int to) {
      checkUsable();
      require(Capability.EVICT);
      if (from < 0 || from > to || to > tokens.length) {
        throw new IllegalArgumentException(
            "[" + from + ", " + to + ") is not a range of " + tokens.length + " tokens");
      }
      tokens = joined(Arrays.copyOf(tokens, from), Arrays.copyOfRange(tokens, to, tokens.length));
    }

    private void require(Capability capability) {
      if (!info.capabilities().contains(capability)) {
        throw new UnsupportedOperationException("this model lacks " + capability);
      }
    }

    /** One for each token, so that bounds of bytes are easy to read. */
    @Override
    public long bytes() {
      return tokens.length;
    }

    @Override
    public long shareBeginning(Session other, int length) {
      if (Arrays.mismatch(tokens, 0, length, ((Sequence) other).tokens, 0, length) >= 0) {
        throw new IllegalArgumentException("the sessions do not begin alike");
      }
      return length;
    }

    @Override
    public void reserve(long bytes) {
      checkUsable();
      if (bytes < 0) {
        throw new IllegalArgumentException("bytes " + bytes + " is not at least 0");
      }
      reserved.updateAndGet(
          before -> {
            if (bytes - own > budget - before) {
              throw new CacheFullException("the toy's budget of " + budget + " bytes is spent");
            }
            return before + bytes - own;
          });
      own = bytes;
    }

    @Override
    public void close() {
      if (!ended) {
        ended = true;
        reserved.addAndGet(-own);
        openSessions.decrementAndGet();
      }
    }
  }
}

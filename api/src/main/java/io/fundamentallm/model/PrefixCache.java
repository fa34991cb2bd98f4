package io.fundamentallm.model;

import static java.util.Objects.requireNonNull;

import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.IdentityHashMap;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings of prompts that were read before. A generation whose prompt begins the same way forks
 * the longest of them instead of reading it again: system prompts, documents that many ask about,
 * the earlier turns of a conversation. A {@link io.fundamentallm.TextGenerator} has one by default;
 * give another to any number of generations with {@link
 * io.fundamentallm.decoding.DecodingOptions.Builder#prefixCache}.
 *
 * <p>It holds keys and values of any number of models, in a radix tree over token ids, so that
 * sequences that begin alike hold their beginning once. They take at most a number of bytes: the
 * least recently used go first, {@linkplain #pin pinned} ones never. They also count in the budget
 * of their runtime, and a runtime with {@link Capability#RECLAIM} takes them back before it refuses
 * anybody: the cache never is the reason that there is no memory for keys and values.
 *
 * <p>With a {@linkplain Builder#directory directory}, beginnings are also written to files, and a
 * program that is started again finds them there.
 *
 * <p>The texts are the same with and without it if the runtime gives the same bits whether a prompt
 * is read at once or in parts. Models without {@link Capability#SHARED_FORK} and {@link
 * Capability#TRUNCATE} are not cached. That includes {@linkplain
 * io.fundamentallm.LanguageModels#guided guided} ones, whose sessions hold more than their tokens.
 *
 * <p>Close it before the models. Thread-safe.
 *
 * @apiNote For example:
 *     <pre>{@code
 * try (PrefixCache prefixes = PrefixCache.builder().maxBytes(64L << 20).build()) {
 *   TextGenerator remembering = generator.with(options -> options.prefixCache(prefixes));
 *   System.out.println(remembering.generate("It is a truth") + prefixes.statistics());
 * }
 * }</pre>
 */
public final class PrefixCache implements AutoCloseable {
  private final long maxBytes;
  private final @Nullable PrefixFiles files;
  private final @Nullable PrefixWriter writer;

  // guarded by this, as what follows
  private final PrefixTree tree = new PrefixTree();

  /** Undoes the registrations at models. */
  private final IdentityHashMap<LanguageModel, Runnable> registered = new IdentityHashMap<>();

  private long lookups;
  private long hits;
  private long savedTokens;
  private boolean closed;

  private PrefixCache(Builder values) {
    maxBytes = values.maxBytes;
    files = values.files;
    writer = files == null ? null : new PrefixWriter(this, files);
  }

  /**
   * An empty cache in memory.
   *
   * @param maxBytes the most bytes of keys and values that it holds, at least 1
   */
  public static PrefixCache of(long maxBytes) {
    return builder().maxBytes(maxBytes).build();
  }

  /** A cache in memory of an eighth of the largest heap, to change. */
  public static Builder builder() {
    return new Builder();
  }

  /** Collects what a cache is made of. One thread at a time. */
  public static final class Builder {
    private long maxBytes = Runtime.getRuntime().maxMemory() / 8;
    private @Nullable PrefixFiles files;

    private Builder() {}

    /**
     * The most bytes of keys and values in memory. Default: an eighth of the largest heap.
     *
     * @param maxBytes at least 1
     */
    public Builder maxBytes(long maxBytes) {
      if (maxBytes < 1) {
        throw new IllegalArgumentException("maxBytes " + maxBytes + " is not at least 1");
      }
      this.maxBytes = maxBytes;
      return this;
    }

    /**
     * Also writes beginnings to this directory, with {@link Session#save}, and finds those that
     * were written there before; for models with {@link Capability#SAVE}. A daemon thread writes
     * them some seconds after they came or grew; closing the cache writes the rest, unless {@link
     * #maxBytes} dropped it by then. What else is not written counts as a failure in the {@link
     * PrefixCache#statistics}. What this model cannot use, being torn or of another model, is
     * ignored. The files say what was read: they are made readable to their owner alone, as is the
     * directory if it is made here, where the system can do that.
     *
     * @param tokenizer identifies the tokenizer, such as {@code Tokenizer.fingerprint()}; at most
     *     1,000 characters
     * @param maxBytes the most bytes of files, at least 1; the least recently used are deleted
     * @throws IllegalArgumentException for a longer tokenizer, or no byte
     * @throws IOException when the directory can be neither read nor made
     */
    public Builder directory(Path directory, String tokenizer, long maxBytes) throws IOException {
      if (maxBytes < 1) {
        throw new IllegalArgumentException("maxBytes " + maxBytes + " is not at least 1");
      }
      files =
          PrefixFiles.open(
              requireNonNull(directory, "directory"),
              requireNonNull(tokenizer, "tokenizer"),
              maxBytes);
      return this;
    }

    /** The cache. */
    public PrefixCache build() {
      return new PrefixCache(this);
    }
  }

  /** How many tokens it holds in memory; those of a shared beginning count once. */
  public synchronized long size() {
    return tree.tokens();
  }

  /** What it did so far, and what it holds. */
  public PrefixCacheStatistics statistics() {
    synchronized (this) {
      return new PrefixCacheStatistics(
          lookups,
          hits,
          savedTokens,
          tree.tokens(),
          tree.bytes(),
          files == null ? 0 : files.restored(),
          files == null ? 0 : files.written(),
          files == null ? 0 : files.failures(),
          files == null ? Optional.empty() : files.lastFailure());
    }
  }

  /**
   * A session that holds the longest cached beginning of a sequence.
   *
   * @param tokens the sequence; the session never holds its last token, so that there is one left
   *     to read
   * @return a session that the caller owns, or null if nothing is cached
   */
  public @Nullable Session take(LanguageModel model, int[] tokens) {
    requireNonNull(tokens, "tokens");
    int limit = Math.max(0, tokens.length - 1);
    Session restored =
        files != null && supports(model, Capability.SAVE)
            ? restore(files, model, tokens, limit)
            : null;
    synchronized (this) {
      lookups++;
      Session session = longer(tree.fork(model, tokens, limit), restored);
      if (session != null) {
        hits++;
        savedTokens += session.length();
      }
      return session;
    }
  }

  /**
   * Brings a longer beginning than those in memory from a file, if there is one.
   *
   * @return what it has of the sequence, which the cache may have had no room for
   */
  private @Nullable Session restore(
      PrefixFiles found, LanguageModel model, int[] tokens, int limit) {
    int held;
    synchronized (this) {
      held = closed ? limit : tree.length(model, tokens, limit);
    }
    // while this is done without the lock, others may do the same: then they share the result
    PrefixFiles.Restored restored = found.restore(model, tokens, limit, held);
    if (restored == null) {
      return null;
    }
    Session session = restored.session();
    boolean done = false;
    try {
      add(model, restored.tokens(), session);
      int max = Math.min(limit, session.length());
      int different = Arrays.mismatch(restored.tokens(), 0, max, tokens, 0, max);
      session.truncate(different < 0 ? max : different);
      done = true;
      return session;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  /** The longer of two sessions; closes the other. */
  private static @Nullable Session longer(@Nullable Session one, @Nullable Session other) {
    if (one == null || other == null) {
      return one == null ? other : one;
    }
    boolean first = one.length() >= other.length();
    (first ? other : one).close();
    return first ? one : other;
  }

  /**
   * Keeps a fork of a session, in place of the cached beginnings that it extends.
   *
   * @param tokens what the session holds
   * @param session still belongs to the caller; where it holds the same as what is cached, the two
   *     share memory from now on
   * @throws IllegalArgumentException when the session does not hold the same number of tokens
   */
  public void put(LanguageModel model, int[] tokens, Session session) {
    if (tokens.length != session.length()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens are named of a session that holds " + session.length());
    }
    if (supports(model) && add(model, tokens, session) && writer != null) {
      writer.add(model, tokens);
    }
  }

  private static boolean supports(LanguageModel model) {
    return supports(model, Capability.SHARED_FORK) && supports(model, Capability.TRUNCATE);
  }

  private static boolean supports(LanguageModel model, Capability capability) {
    return model.info().capabilities().contains(capability);
  }

  private synchronized boolean add(LanguageModel model, int[] tokens, Session session) {
    if (closed || tokens.length == 0 || PrefixTree.bytesOf(model, session) > maxBytes) {
      return false;
    }
    tree.add(model, tokens, session);
    registered.computeIfAbsent(model, m -> m.onCacheFull(() -> reclaim(m)));
    shrink();
    return true;
  }

  /** Drops what is too much; called under the lock. */
  private void shrink() {
    boolean dropped = false;
    while (tree.bytes() > maxBytes && tree.dropOldest(null)) {
      dropped = true;
    }
    if (dropped) { // so that models that are done with are not kept
      registered
          .entrySet()
          .removeIf(
              entry -> {
                boolean gone = !tree.holds(entry.getKey());
                if (gone) {
                  entry.getValue().run();
                }
                return gone;
              });
    }
  }

  private synchronized boolean reclaim(LanguageModel model) {
    return tree.dropOldest(model);
  }

  /** What is held of exactly these tokens, for writing; null if not all of them. */
  synchronized @Nullable Session whole(LanguageModel model, int[] tokens) {
    return !closed && tree.length(model, tokens, tokens.length) == tokens.length
        ? tree.fork(model, tokens, tokens.length)
        : null;
  }

  /**
   * Keeps a beginning until the cache is closed, such as the system prompt of a service. A runtime
   * does not take it back either. Pinning it again changes nothing, and what pinned beginnings have
   * in common counts once.
   *
   * @param tokens what the session holds; at least one
   * @param session still belongs to the caller
   * @throws IllegalArgumentException when the session does not hold the same number of tokens, or
   *     all that is pinned would take more than half of the cache
   * @throws IllegalStateException when the cache is closed
   * @throws UnsupportedOperationException when the model cannot be cached
   */
  public void pin(LanguageModel model, int[] tokens, Session session) {
    if (!supports(model)) {
      throw new UnsupportedOperationException(
          model.info().architecture()
              + " on "
              + model.info().device()
              + " cannot be cached: it lacks SHARED_FORK or TRUNCATE");
    }
    if (tokens.length == 0) {
      throw new IllegalArgumentException("there are no tokens to pin");
    }
    put(model, tokens, session);
    synchronized (this) {
      if (closed) {
        throw new IllegalStateException("the cache is closed");
      }
      tree.add(model, tokens, session); // the bound may have dropped it
      boolean anew = tree.pin(model, tokens);
      long bytes = tree.pinnedBytes();
      if (anew && bytes > maxBytes / 2) {
        tree.unpin(model, tokens);
        shrink();
        throw new IllegalArgumentException(
            "what is pinned would take "
                + bytes
                + " bytes, more than half of the cache's "
                + maxBytes
                + "; give the cache more maxBytes");
      }
      registered.computeIfAbsent(model, m -> m.onCacheFull(() -> reclaim(m)));
      shrink();
    }
  }

  /**
   * Writes what is not yet written, if there is a directory, and frees what it holds; from then on
   * nothing is cached.
   */
  @Override
  public void close() {
    if (writer != null) {
      writer.finish();
    }
    synchronized (this) {
      closed = true;
      tree.clear();
      registered.values().forEach(Runnable::run);
      registered.clear();
    }
  }
}

package io.fundamentallm.model;

import static java.util.Objects.requireNonNull;

import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Iterator;
import org.jspecify.annotations.Nullable;

/**
 * Beginnings of prompts that were read before. A generation whose prompt begins the same way forks
 * the longest of them instead of reading it again: system prompts, documents that many ask about,
 * the earlier turns of a conversation. Give one to any number of generations with {@link
 * io.fundamentallm.decoding.DecodingOptions.Builder#prefixCache}. It holds key/value caches of any
 * number of models, up to a number of tokens, and drops the least recently used. The texts are the
 * same with and without it if the runtime gives the same bits whether a prompt is read at once or
 * in parts. Models without {@link Capability#SHARED_FORK} and {@link Capability#TRUNCATE} are not
 * cached. That includes {@linkplain io.fundamentallm.LanguageModels#guided guided} ones, whose
 * sessions hold more than their tokens.
 *
 * <p>Close it before the models. Thread-safe.
 */
public final class PrefixCache implements AutoCloseable {
  private final long maxTokens;

  /** The least recently used first. */
  private final ArrayDeque<Entry> entries = new ArrayDeque<>();

  private long size;
  private boolean closed;

  private record Entry(LanguageModel model, int[] tokens, Session session) {}

  private PrefixCache(long maxTokens) {
    this.maxTokens = maxTokens;
  }

  /**
   * An empty cache.
   *
   * @param maxTokens the most tokens it holds, at least 1. Tokens that beginnings share count for
   *     each of them; a token takes as much memory as in a session of its model.
   */
  public static PrefixCache of(long maxTokens) {
    if (maxTokens < 1) {
      throw new IllegalArgumentException("maxTokens " + maxTokens + " is not at least 1");
    }
    return new PrefixCache(maxTokens);
  }

  /** How many tokens it holds. */
  public synchronized long size() {
    return size;
  }

  /**
   * A session that holds the longest cached beginning of a sequence.
   *
   * @param tokens the sequence; the session never holds its last token, so that there is one left
   *     to read
   * @return a session that the caller owns, or null if nothing is cached
   */
  public synchronized @Nullable Session take(LanguageModel model, int[] tokens) {
    requireNonNull(tokens, "tokens");
    Entry best = null;
    int longest = 0;
    for (Entry entry : entries) {
      int common = entry.model == model ? common(entry.tokens, tokens) : 0;
      if (common > longest) {
        longest = common;
        best = entry;
      }
    }
    if (best == null) {
      return null;
    }
    entries.remove(best);
    entries.addLast(best);
    Session session = best.session.fork();
    boolean done = false;
    try {
      session.truncate(longest);
      done = true;
      return session;
    } finally {
      if (!done) {
        session.close();
      }
    }
  }

  private static int common(int[] cached, int[] tokens) {
    int max = Math.max(0, Math.min(cached.length, tokens.length - 1));
    int different = Arrays.mismatch(cached, 0, max, tokens, 0, max);
    return different < 0 ? max : different;
  }

  /**
   * Keeps a fork of a session, replacing the cached beginnings that it extends.
   *
   * @param tokens what the session holds
   * @param session still belongs to the caller
   * @throws IllegalArgumentException when the session does not hold the same number of tokens
   */
  public synchronized void put(LanguageModel model, int[] tokens, Session session) {
    if (tokens.length != session.length()) {
      throw new IllegalArgumentException(
          tokens.length + " tokens are named of a session that holds " + session.length());
    }
    if (closed || tokens.length > maxTokens || !supports(model)) {
      return;
    }
    for (Iterator<Entry> all = entries.iterator(); all.hasNext(); ) {
      Entry entry = all.next();
      if (entry.model != model) {
        continue;
      }
      int shared = Arrays.mismatch(entry.tokens, tokens);
      if (shared < 0 || shared == tokens.length) {
        return; // already cached, or the beginning of what is cached
      }
      if (shared == entry.tokens.length) {
        all.remove();
        drop(entry);
      }
    }
    while (size + tokens.length > maxTokens) {
      drop(entries.removeFirst());
    }
    entries.addLast(new Entry(model, tokens.clone(), session.fork()));
    size += tokens.length;
  }

  private static boolean supports(LanguageModel model) {
    return model.info().capabilities().contains(Capability.SHARED_FORK)
        && model.info().capabilities().contains(Capability.TRUNCATE);
  }

  private void drop(Entry entry) {
    size -= entry.tokens.length;
    entry.session.close();
  }

  /** Frees what it holds; from then on nothing is cached. */
  @Override
  public synchronized void close() {
    closed = true;
    entries.forEach(this::drop);
    entries.clear();
  }
}

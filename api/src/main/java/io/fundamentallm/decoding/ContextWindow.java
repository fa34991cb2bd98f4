package io.fundamentallm.decoding;

import io.fundamentallm.decoding.ContextPolicy.Action;
import io.fundamentallm.decoding.ContextPolicy.Evict;
import io.fundamentallm.decoding.ContextPolicy.Reread;
import io.fundamentallm.decoding.ContextPolicy.Stop;
import io.fundamentallm.model.Append;
import io.fundamentallm.model.Cancellation;
import io.fundamentallm.model.Capability;
import io.fundamentallm.model.ContextFullException;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.PrefixCache;
import io.fundamentallm.model.Session;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The session of one sequence and the tokens it holds. The options' {@link ContextPolicy} keeps it
 * within the model's context, and it begins from their {@link PrefixCache} if that has the prompt's
 * beginning. One thread at a time.
 */
public final class ContextWindow implements AutoCloseable {
  private final LanguageModel model;
  private final ContextPolicy policy;
  private final @Nullable PrefixCache cache;
  private @Nullable Session session;

  /** The sequence's context: the first {@code length}, of which the session has read some. */
  private int[] held;

  private int length;
  private int read;

  private int cachedTokens;

  /** Whether the model has read anything: until then there is no text that could end here. */
  private boolean started;

  /** The policy's answer for the next append, if it had to be asked in advance. */
  private @Nullable Action decided;

  private @Nullable RuntimeException refusal;

  /** What the last prepared append dropped from the middle of the session. */
  private @Nullable Evict evicted;

  /**
   * How many of the first tokens the session read with only the context's tokens before them;
   * tokens after an eviction have seen what was dropped.
   */
  private int plain = Integer.MAX_VALUE;

  private ContextWindow(
      LanguageModel model, ContextPolicy policy, @Nullable PrefixCache cache, int[] held) {
    this.model = model;
    this.policy = policy;
    this.cache = cache;
    this.held = held;
  }

  /** An empty window; opens no session until the first append. */
  public static ContextWindow of(LanguageModel model, DecodingOptions options) {
    return new ContextWindow(
        model, options.contextPolicy(), options.prefixCache().orElse(null), new int[64]);
  }

  /**
   * An empty window that uses no cache, for decoders that need the model's output for every token
   * of the prompt.
   */
  public static ContextWindow of(LanguageModel model, ContextPolicy policy) {
    return new ContextWindow(model, policy, null, new int[64]);
  }

  /** Adds tokens for the model to read in the next pass. */
  public void add(int... tokens) {
    if (length + tokens.length > held.length) {
      held = Arrays.copyOf(held, Math.max(2 * held.length, length + tokens.length));
    }
    System.arraycopy(tokens, 0, held, length, tokens.length);
    length += tokens.length;
    // the policy's answer for fewer tokens no longer holds
    decided = null;
    refusal = null;
  }

  /**
   * Makes the model read what was added, in a pass for this sequence alone.
   *
   * @param rows take the logits after each of the last {@code rows.length} tokens
   * @param hidden take their hidden states; may be empty
   * @return false if the policy says to stop
   */
  public boolean read(float[][] rows, float[][] hidden, Cancellation cancellation) {
    Append append = prepare(rows, hidden);
    if (append == null) {
      return false;
    }
    model.forward(List.of(append), cancellation);
    appended();
    return true;
  }

  /**
   * The append that makes the model read what was added, for a pass with others; {@link #appended}
   * must be called after it.
   *
   * @return null if the policy says to stop
   */
  public @Nullable Append prepare(float[][] rows, float[][] hidden) {
    evicted = null;
    if (length > model.info().contextLength() && !makeRoom()) {
      return null;
    }
    Session current = session;
    if (current == null) {
      current = cache == null ? null : cache.take(model, Arrays.copyOf(held, length));
      if (current == null) {
        current = model.open();
      } else {
        cachedTokens = current.length();
      }
      session = current;
      read = current.length();
    }
    return new Append(current, Arrays.copyOfRange(held, read, length), rows, hidden);
  }

  /** The prepared append was computed. */
  public void appended() {
    started = true;
    read = length;
  }

  /**
   * Whether the policy will stop before what was added is read. Asked as soon as a token is chosen,
   * so that the last token can carry the text still held back.
   */
  public boolean endsHere() {
    return !admits() && refusal == null; // its exception is reported after this token
  }

  /**
   * Whether the policy lets the model read what was added. If not, {@link #prepare} returns null,
   * or throws what the policy threw.
   */
  public boolean admits() {
    if (length <= model.info().contextLength()) {
      return true;
    }
    if (decided == null && refusal == null) {
      try {
        decided = ask();
      } catch (RuntimeException e) {
        refusal = e;
      }
    }
    return refusal == null && !(decided instanceof Stop);
  }

  /** The policy's answer, checked. */
  private Action ask() {
    Action action = policy.onFull(Arrays.copyOf(held, length), model.info());
    if (action == null) {
      throw new IllegalStateException("the context policy returned null");
    } else if (action instanceof Reread reread) {
      checkFits(reread.tokens().length);
    } else if (action instanceof Evict evict) {
      if (evict.from() < 0 || evict.from() > evict.to() || evict.to() > length) {
        throw new IllegalStateException(
            "the context policy evicts ["
                + evict.from()
                + ", "
                + evict.to()
                + ") of "
                + length
                + " tokens");
      }
      checkFits(length - (evict.to() - evict.from()));
    }
    return action;
  }

  /**
   * What the last {@link #prepare} dropped of the tokens already read, without reading the later
   * ones again; for callers that keep data for each token. Empty if the session's tokens are, from
   * the first on, those it held before.
   */
  public Optional<Evict> evicted() {
    return Optional.ofNullable(evicted);
  }

  /** How many tokens it holds, read or not. */
  public int length() {
    return length;
  }

  /** How many tokens can be added before the policy is asked. */
  public int remaining() {
    return model.info().contextLength() - length;
  }

  /** How many tokens of the first append a cache had. */
  public int cachedTokens() {
    return cachedTokens;
  }

  /**
   * Forgets all tokens but the first; a runtime that cannot truncate reads them again later.
   *
   * @param length how many stay, from 0 to the present length
   * @throws IllegalArgumentException outside of that range
   */
  public void truncate(int length) {
    if (length < 0 || length > this.length) {
      throw new IllegalArgumentException(
          "cannot keep " + length + " of " + this.length + " tokens");
    }
    this.length = length;
    decided = null;
    refusal = null;
    forgetFrom(length);
  }

  /** A window with the same past, independent from now on; the session is forked. */
  public ContextWindow fork() {
    ContextWindow copy = new ContextWindow(model, policy, cache, held.clone());
    copy.session = session == null ? null : session.fork();
    copy.length = length;
    copy.read = read;
    copy.cachedTokens = cachedTokens;
    copy.started = started;
    copy.decided = decided;
    copy.refusal = refusal;
    copy.plain = plain;
    return copy;
  }

  /**
   * Offers what was read so far to the cache, so that others can begin with it; not after an
   * eviction, because reading the same tokens anew gives other keys and values.
   */
  public void share() {
    if (cache != null && session != null && read > 0 && read <= plain) {
      cache.put(model, Arrays.copyOf(held, read), session);
    }
  }

  /** Follows the policy, so that the window holds what is left; false to stop. */
  private boolean makeRoom() {
    if (refusal != null) {
      throw refusal;
    }
    Action action = decided == null ? ask() : decided;
    decided = null;
    if (action instanceof Reread reread) {
      become(reread.tokens());
    } else if (action instanceof Evict evict) {
      evict(evict.from(), evict.to());
    }
    if (action instanceof Stop && !started) {
      throw new ContextFullException(
          "the prompt of "
              + length
              + " tokens does not fit into the model's context of "
              + model.info().contextLength()
              + ". Shorten it, or choose a ContextPolicy that does");
    }
    return !(action instanceof Stop);
  }

  private void evict(int from, int to) {
    int[] kept = Arrays.copyOf(held, length - (to - from));
    System.arraycopy(held, to, kept, from, length - to);
    if (session != null
        && to <= read
        && from < to
        && kept.length > read - (to - from)
        && model.info().capabilities().contains(Capability.EVICT)) {
      session.evict(from, to);
      evicted = new Evict(from, to);
      plain = Math.min(plain, from);
      read -= to - from;
      held = kept;
      length = kept.length;
    } else {
      become(kept);
    }
  }

  /**
   * Holds these tokens instead; the beginning they share with the present ones is not read again.
   */
  private void become(int[] tokens) {
    int common = 0;
    // at least one token is computed, for its logits
    while (common < Math.min(read, tokens.length - 1) && held[common] == tokens[common]) {
      common++;
    }
    forgetFrom(common);
    held = tokens.clone();
    length = tokens.length;
  }

  /** The session keeps only its first tokens, or is opened anew if it cannot. */
  private void forgetFrom(int length) {
    if (session == null || length >= read) {
      return;
    }
    if (model.info().capabilities().contains(Capability.TRUNCATE)) {
      session.truncate(length);
      read = length;
    } else {
      close();
    }
    if (read <= plain) {
      plain = Integer.MAX_VALUE;
    }
  }

  private void checkFits(int count) {
    if (count < 1 || count > model.info().contextLength()) {
      throw new IllegalStateException(
          "the context policy leaves "
              + count
              + " tokens; expected 1 to "
              + model.info().contextLength());
    }
  }

  @Override
  public void close() {
    if (session != null) {
      session.close();
      session = null;
      read = 0;
    }
  }
}

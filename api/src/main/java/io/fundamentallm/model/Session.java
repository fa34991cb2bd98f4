package io.fundamentallm.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * One sequence of tokens and its key/value cache. One thread at a time; sessions that share a past
 * through {@link #fork()} may be used by different threads.
 *
 * <p>A call that throws leaves the session exactly as it was before.
 *
 * @apiNote For example:
 *     <pre>{@code
 * try (Session session = model.open()) {
 *   session.append(tokenizer.encode("It is a truth"));
 *   try (Session other = session.fork()) { // copies no token
 *     other.append(tokenizer.encode(" universally"));
 *   }
 *   session.truncate(2); // the rest is forgotten
 * }
 * }</pre>
 */
public interface Session extends AutoCloseable {
  /** The model this sequence belongs to. */
  LanguageModel model();

  /** How many tokens the sequence holds. */
  int length();

  /** How many more tokens fit: the model's context length minus {@link #length()}. */
  default int remaining() {
    return model().info().contextLength() - length();
  }

  /**
   * Appends tokens; a {@link LanguageModel#forward} with a batch of one.
   *
   * @param tokens ids in {@code [0, vocabularySize)}
   * @param logits rows of vocabularySize for the last {@code logits.length} of the tokens
   */
  default void append(int[] tokens, float[]... logits) {
    model().forward(List.of(Append.of(this, tokens, logits)), Cancellation.none());
  }

  /**
   * A new sequence with the same past, independent from now on. If the model has {@link
   * Capability#SHARED_FORK}, no token is copied or computed again.
   */
  Session fork();

  /**
   * Forgets all tokens from a position on.
   *
   * @param length how many tokens to keep, in {@code [0, length()]}
   * @throws IllegalArgumentException outside that range
   * @throws UnsupportedOperationException if the model lacks {@link Capability#TRUNCATE}
   */
  void truncate(int length);

  /**
   * Drops the tokens in {@code [from, to)}; the tokens after them move up.
   *
   * @throws IllegalArgumentException unless {@code 0 <= from <= to <= length()}
   * @throws UnsupportedOperationException if the model lacks {@link Capability#EVICT}
   */
  default void evict(int from, int to) {
    throw new UnsupportedOperationException(
        model().info().architecture() + " on " + model().info().device() + " cannot evict tokens");
  }

  /**
   * Counts memory that is kept for this sequence in addition to its keys and values, such as hidden
   * states. It counts in the runtime's budget for all sessions: that of keys and values, or a
   * separate one. It replaces what was counted before. Forks begin with nothing, and closing
   * releases it. A runtime without a budget counts nothing; a session that wraps another passes it
   * on.
   *
   * @param bytes at least 0
   * @throws IllegalArgumentException for a negative number
   * @throws CacheFullException when the budget has less left; what was counted before stays counted
   */
  default void reserve(long bytes) {
    if (bytes < 0) {
      throw new IllegalArgumentException("bytes " + bytes + " is not at least 0");
    }
  }

  /**
   * How many bytes its keys and values take, in whole blocks if the runtime allocates such, with
   * those that forks share; -1 if the runtime cannot say.
   */
  default long bytes() {
    return -1;
  }

  /**
   * Gives up memory for keys and values that another session has as well, and uses that one's. Both
   * sessions stay as they are in all that can be observed, and independent.
   *
   * @param other a session of the same model that begins with the same tokens
   * @param length how many tokens, at most, that both hold and that are the same
   * @return how many of its {@link #bytes()} it shares with the other one from now on; 0 if the
   *     runtime cannot do that
   */
  default long shareBeginning(Session other, int length) {
    return 0;
  }

  /**
   * Writes the keys and values to a file. {@link LanguageModel#restore} makes an equal session of
   * it, in this process or another, whose next logits are the same to the last bit: the text need
   * not be read again. The file is replaced as a whole, and takes as much memory as the cache does.
   * Keys and values tell what was read: runtimes should let nobody but its owner read it.
   *
   * @param tokenizer identifies the tokenizer that the ids come from, such as {@code
   *     Tokenizer.fingerprint()}; at most 1,000 characters
   * @throws IOException when the file cannot be written; then what was there before is still there
   * @throws UnsupportedOperationException if the model lacks {@link Capability#SAVE}
   */
  default void save(Path file, String tokenizer) throws IOException {
    throw new UnsupportedOperationException(
        model().info().architecture() + " on " + model().info().device() + " cannot save sessions");
  }

  /** Frees the cache. Does nothing the second time. */
  @Override
  void close();
}

package io.fundamentallm.model;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.function.BooleanSupplier;

/**
 * Trained weights of an autoregressive model. Thread-safe until closed; shared by any number of
 * {@link Session sessions}. Closing waits for passes under way; afterwards every use of the model
 * or of its sessions throws {@link ClosedModelException}.
 *
 * @apiNote For example:
 *     <pre>{@code
 * float[] logits = new float[model.info().vocabularySize()];
 * try (Session session = model.open()) {
 *   session.append(tokenizer.encode("It is a truth"), logits); // what may follow the last token
 * }
 * }</pre>
 */
public interface LanguageModel extends AutoCloseable {
  /** What is known about the model. */
  ModelInfo info();

  /** A new, empty sequence. */
  Session open();

  /**
   * The one primitive: appends tokens to each session and computes the requested logits, in one
   * pass over the weights for all.
   *
   * <p>Every append is checked before anything is computed: that its session is open, belongs to
   * this model, is in the batch only once and has room, and that its token ids exist. If the call
   * throws for any reason, every session of the batch is exactly as it was before, and the contents
   * of the logits and hidden arrays are undefined.
   *
   * <p>The results for one append do not depend on what else is in the batch. The implementation
   * neither reads nor writes the batch or its arrays after it returns, so callers may reuse them.
   *
   * @param batch any number of appends, possibly none
   * @param cancellation asked often, even in the middle of a long prompt
   * @throws IllegalArgumentException for a session of another model, a session named twice, a token
   *     id outside {@code [0, vocabularySize)}, a logits row that is not vocabularySize long, or
   *     hidden rows if the model lacks {@link Capability#HIDDEN_STATES}
   * @throws ClosedModelException for a closed model
   * @throws IllegalStateException for a closed session of an open model, or when a session has less
   *     room than tokens are appended
   * @throws CacheFullException when there is no memory for the keys and values of these tokens
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  void forward(List<Append> batch, Cancellation cancellation);

  /**
   * A session that {@link Session#save} wrote. The file must be whole, from this version of the
   * runtime, and from a model and a tokenizer like these: a model counts as the same if it has the
   * same shape, windows and context and computes the same, bit for bit, from a few tokens.
   *
   * @param tokenizer identifies the tokenizer, as it did when the session was saved
   * @throws IOException when the file cannot be read, or is torn or foreign; names the file and
   *     says which
   * @throws CacheFullException when there is no memory for the keys and values
   * @throws UnsupportedOperationException if the model lacks {@link Capability#SAVE}
   */
  default Session restore(Path file, String tokenizer) throws IOException {
    throw new UnsupportedOperationException(
        info().architecture() + " on " + info().device() + " cannot restore sessions");
  }

  /**
   * Registers something that keeps sessions only because they may be wanted again, such as a {@link
   * PrefixCache}. A runtime with {@link Capability#RECLAIM} asks it before it throws {@link
   * CacheFullException}; others do nothing.
   *
   * @param reclaim closes a session or some, and says whether it had any. Called by any thread, in
   *     the middle of a pass: it must not wait for one, and must not throw.
   * @return ends the registration
   */
  default Runnable onCacheFull(BooleanSupplier reclaim) {
    return () -> {};
  }

  /** Frees the weights. Does nothing the second time. */
  @Override
  void close();
}

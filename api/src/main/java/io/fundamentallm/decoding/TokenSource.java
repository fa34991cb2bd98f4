package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a decoder has to provide: the next token. {@link Generations#of} turns it into a generation,
 * with laziness, closing from other threads, a time limit and figures. Called by one thread at a
 * time.
 */
public interface TokenSource extends AutoCloseable {
  /**
   * The next token of the sequence being delivered, or null at the end. Not called again once
   * {@link #finishReason()} has returned a reason.
   *
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  @Nullable Token next(Cancellation cancellation);

  /** Why the sequence ended, as soon as its last token was returned; null before. */
  @Nullable FinishReason finishReason();

  /** All sequences that were asked for, best first; called after the end. */
  List<GeneratedSequence> sequences();

  /** How many tokens of the prompt were in a {@link io.fundamentallm.model.PrefixCache}. */
  default int cachedTokens() {
    return 0;
  }

  /** How many tokens were drafted. */
  default long draftedTokens() {
    return 0;
  }

  /** How many drafted tokens were accepted. */
  default long acceptedTokens() {
    return 0;
  }

  /** Frees sessions; called while no other method runs. Does nothing the second time. */
  @Override
  void close();
}

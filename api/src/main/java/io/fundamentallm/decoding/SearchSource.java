package io.fundamentallm.decoding;

import io.fundamentallm.model.Cancellation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A source that finds all its sequences before it delivers the best one, token by token. A decoder
 * that searches or ranks only has to implement {@link #search}. One thread at a time.
 */
public abstract class SearchSource implements TokenSource {
  private @Nullable List<GeneratedSequence> sequences;
  private int delivered;

  /** A source that has found nothing yet. */
  protected SearchSource() {}

  /**
   * Finds the sequences. Called once, when the first token is asked for; again if it threw.
   *
   * @return at least one, best first
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  protected abstract List<GeneratedSequence> search(Cancellation cancellation);

  /** The next token of a sequence being delivered, or null if there is none yet. */
  protected final @Nullable Token deliver(List<Token> tokens) {
    return delivered < tokens.size() ? tokens.get(delivered++) : null;
  }

  @Override
  public @Nullable Token next(Cancellation cancellation) {
    if (sequences == null) {
      sequences = search(cancellation);
    }
    return deliver(sequences.get(0).tokens());
  }

  @Override
  public final @Nullable FinishReason finishReason() {
    if (sequences == null) {
      return null;
    }
    GeneratedSequence best = sequences.get(0);
    return delivered == best.tokens().size() ? best.finishReason() : null;
  }

  @Override
  public final List<GeneratedSequence> sequences() {
    return sequences == null ? List.of() : sequences;
  }
}

package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import java.util.List;

/**
 * What a caller wants while a tokenizer learns: to stop it, and to hear of it.
 *
 * @param cancellation asked often
 * @param listeners told of progress, in this order
 */
public record Learning(Cancellation cancellation, List<LearningListener> listeners) {
  /** Keeps its own copy of the listeners. */
  public Learning {
    requireNonNull(cancellation, "cancellation");
    listeners = List.copyOf(listeners);
  }

  /** Never cancelled, and nobody listens. */
  public static Learning quiet() {
    return new Learning(Cancellation.none(), List.of());
  }

  /** Tells all listeners; see {@link LearningListener#onProgress}. */
  public void onProgress(String phase, long done, long total) {
    for (LearningListener listener : listeners) {
      listener.onProgress(phase, done, total);
    }
  }

  /**
   * Called where learning can stop.
   *
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public void throwIfCancelled() {
    cancellation.throwIfCancelled();
  }
}

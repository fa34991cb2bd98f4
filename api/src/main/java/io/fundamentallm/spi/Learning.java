package io.fundamentallm.spi;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.text.LearningListener;
import java.util.List;

/**
 * What a caller passes to a tokenizer that learns: a way to stop it, and listeners for its
 * progress.
 *
 * @param cancellation asked often
 * @param listeners receive progress reports, in this order
 */
public record Learning(Cancellation cancellation, List<LearningListener> listeners) {
  /** Keeps its own copy of the listeners. */
  public Learning {
    requireNonNull(cancellation, "cancellation");
    listeners = List.copyOf(listeners);
  }

  /** Never cancelled, with no listeners. */
  public static Learning quiet() {
    return new Learning(Cancellation.none(), List.of());
  }

  /** Reports to all listeners; see {@link LearningListener#onProgress}. */
  public void onProgress(String phase, long done, long total) {
    for (LearningListener listener : listeners) {
      listener.onProgress(phase, done, total);
    }
  }

  /**
   * Called at points where learning can stop.
   *
   * @throws java.util.concurrent.CancellationException when cancelled
   */
  public void throwIfCancelled() {
    cancellation.throwIfCancelled();
  }
}

package io.fundamentallm.decoding;

/**
 * A parsed spec: makes a part with its own state for one generation. Immutable and thread-safe, so
 * one recipe serves every request.
 */
@FunctionalInterface
public interface Recipe<T> {
  /**
   * Makes the part.
   *
   * @throws IllegalStateException when a stage needs something that the binding lacks
   * @throws java.util.concurrent.CancellationException if the thread is interrupted while a
   *     constraint first reads the vocabulary; it stays interrupted
   */
  T bind(Binding binding);
}

package io.fundamentallm.model;

/**
 * Receives the progress of loading a model, see {@link
 * io.fundamentallm.Registry#withLoadingListener}. Called some hundred times at most, by the threads
 * that read the weights, one at a time and with growing numbers; reading waits for it, so it must
 * be quick. What it throws ends the loading and reaches the caller.
 */
@FunctionalInterface
public interface LoadingListener {
  /**
   * Reports progress.
   *
   * @param bytes how many bytes of the weights were read, from 1 to total; total in the last call
   * @param total how many there are
   */
  void onProgress(long bytes, long total);

  /** Does nothing. */
  static LoadingListener none() {
    return (bytes, total) -> {};
  }
}

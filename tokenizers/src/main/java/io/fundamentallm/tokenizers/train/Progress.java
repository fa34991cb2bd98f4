package io.fundamentallm.tokenizers.train;

/** Hears how far a training has come; called now and then, on the thread that trains. */
@FunctionalInterface
public interface Progress {
  /**
   * So much of a phase is done.
   *
   * @param total what the phase will come to, -1 where that is unknown
   */
  void onProgress(String phase, long done, long total);

  /** Hears nothing. */
  static Progress none() {
    return (phase, done, total) -> {};
  }
}

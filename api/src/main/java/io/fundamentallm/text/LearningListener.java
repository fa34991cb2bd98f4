package io.fundamentallm.text;

/**
 * Receives the progress of long work on a corpus: learning a tokenizer, or writing a {@link
 * io.fundamentallm.training.TokenFile}. Called on the thread that asked for the work; what it
 * throws ends the work.
 */
public interface LearningListener {
  /**
   * Reports progress.
   *
   * @param phase the current phase, such as {@code counting words}; phases follow one another
   * @param done how much of the phase is done, in the phase's own unit
   * @param total how much there is; -1 if unknown
   */
  default void onProgress(String phase, long done, long total) {}
}

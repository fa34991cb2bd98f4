package io.fundamentallm.text;

/**
 * Hears how far long work on a corpus is: the learning of a tokenizer, or the making of a {@link
 * io.fundamentallm.training.TokenFile}. Called on the thread that asked for the work; what it
 * throws ends the work.
 */
public interface LearningListener {
  /**
   * Some more is done.
   *
   * @param phase what goes on, such as {@code counting words}; phases follow one another
   * @param done how much of the phase is done, in a unit of its own
   * @param total how much there is; -1 where that is not known
   */
  default void onProgress(String phase, long done, long total) {}
}

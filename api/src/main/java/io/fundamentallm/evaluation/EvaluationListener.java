package io.fundamentallm.evaluation;

/** Receives the progress of an evaluation, on its thread. */
@FunctionalInterface
public interface EvaluationListener {
  /**
   * Called after each document.
   *
   * @param task its name
   * @param done how many of its documents are done, from 1
   * @param total how many there are to do; 0 if that is not known, as for the texts of a perplexity
   */
  void onDocument(String task, long done, long total);
}

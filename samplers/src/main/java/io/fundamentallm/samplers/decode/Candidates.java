package io.fundamentallm.samplers.decode;

import java.util.List;

/** Selects from the continuations of one step. One thread at a time; reused. */
interface Candidates {
  /** Takes the next one; they come in ascending order of beam and token. */
  void offer(int beam, int token, double sum, double logProbability);

  /**
   * The selected ones, best first; empties this.
   *
   * @param position the index in the history of the tokens
   */
  List<Candidate> take(long position);
}

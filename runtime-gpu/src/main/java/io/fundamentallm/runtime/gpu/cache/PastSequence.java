package io.fundamentallm.runtime.gpu.cache;

/**
 * What one run does for one sequence.
 *
 * @param <P> the pasts of the strategy
 * @param index which append of the batch it belongs to
 * @param past before the run
 * @param again tokens of the past that the run must see again
 * @param tokens new ones, at least one
 * @param logits filled with those of the last tokens; if there are more rows than tokens, the first
 *     ones belong to earlier runs
 * @param hidden the same for hidden states
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
public record PastSequence<P extends Past>(
    int index, P past, int[] again, int[] tokens, float[][] logits, float[][] hidden) {
  /** How many tokens the run sees. */
  public int count() {
    return again.length + tokens.length;
  }

  /** The length after the run. */
  public int length() {
    return past.length() + tokens.length;
  }

  /** How many of some rows this run fills. */
  public int wanted(float[][] rows) {
    return Math.min(rows.length, tokens.length);
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import java.util.Arrays;
import org.jspecify.annotations.Nullable;

/**
 * How a batch goes through the model.
 *
 * @param batch B
 * @param steps T
 * @param mask null where each token sees all before it
 * @param dropout of these rows
 * @param ends how many rows of each window there are up to the last target that counts [B]; those
 *     after it are padding. Empty where that makes no difference
 */
@SuppressWarnings("ArrayRecordComponent") // never compared
record Pass(int batch, int steps, @Nullable AttentionMask mask, Dropout dropout, int[] ends) {

  /** B·T. */
  int rows() {
    return batch * steps;
  }

  /** How many rows of a window are not padding. */
  int end(int window) {
    return ends.length == 0 ? steps : ends[window];
  }

  /** How many rows are not padding. */
  int unpadded() {
    return ends.length == 0 ? rows() : Arrays.stream(ends).sum();
  }

  /** The same without dropout. */
  Pass whole() {
    return new Pass(batch, steps, mask, Dropout.NONE, ends);
  }

  /** The first position of its window that a row sees. */
  int begin(int row) {
    return mask == null ? 0 : mask.begin(row);
  }

  /** Positions of the longest document. */
  int longest() {
    return mask == null ? steps : mask.longest();
  }

  /** Which position the token of a row has. */
  int position(int row) {
    return row % steps - begin(row);
  }
}

package io.fundamentallm.runtime.cpu.train.layer;

import org.jspecify.annotations.Nullable;

/**
 * How a batch goes through the model.
 *
 * @param batch B
 * @param steps T
 * @param mask null where each token sees all before it
 * @param dropout of these rows
 */
record Pass(int batch, int steps, @Nullable AttentionMask mask, Dropout dropout) {

  /** B·T. */
  int rows() {
    return batch * steps;
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

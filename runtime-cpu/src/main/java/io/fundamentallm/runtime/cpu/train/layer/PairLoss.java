package io.fundamentallm.runtime.cpu.train.layer;

/**
 * Direct preference optimization (Rafailov et al. 2023) over the pairs of some windows, from the
 * cross-entropy of each row. The derivative of a pair's loss with respect to its rows' is the same
 * for all rows of an answer.
 */
final class PairLoss {
  private PairLoss() {}

  /**
   * Replaces the losses of rows by those of pairs: at a pair's first row that of the pair, zero at
   * the others; {@code hits} are where the model prefers as people do, and {@code margins} how much
   * more than the first model does, summed over the pairs.
   *
   * @param a has cross-entropies in {@code losses} [B·T], zero where nothing is learned
   * @return how the loss of a row's pair changes with the row's own cross-entropy [B·T]
   */
  static float[] apply(double beta, Batch batch, Activations a) {
    int[] examples = batch.examples();
    a.margins = 0;
    float[] slopes = new float[examples.length];
    for (int from = 0; from < examples.length; ) {
      int to = end(batch, from);
      if (examples[from] < 0) {
        for (int row = from; row < to; row++) {
          a.losses[row] = 0;
          a.hits[row] = false;
        }
      } else {
        apply(beta, batch, from, to, a, slopes);
      }
      from = to;
    }
    return slopes;
  }

  private static void apply(
      double beta, Batch batch, int from, int to, Activations a, float[] slopes) {
    int chosen = batch.examples()[from];
    double difference = -batch.reference()[chosen] + batch.reference()[chosen + 1];
    for (int row = from; row < to; row++) {
      difference -= sign(batch.examples()[row]) * a.losses[row];
      a.losses[row] = 0;
      a.hits[row] = false;
    }
    double margin = beta * difference;
    // log(1 + exp(−margin)), without overflow
    a.losses[from] = Math.max(0, -margin) + StrictMath.log1p(StrictMath.exp(-Math.abs(margin)));
    a.hits[from] = margin > 0;
    a.margins += margin;
    double slope = beta / (1 + StrictMath.exp(margin));
    for (int row = from; row < to; row++) {
      slopes[row] = (float) (sign(batch.examples()[row]) * slope);
    }
  }

  /** Where the pair of a row ends; a window may come twice in a batch. */
  private static int end(Batch batch, int from) {
    int[] examples = batch.examples();
    int to = from + 1;
    while (to % batch.steps() != 0 && pair(examples[to]) == pair(examples[from])) {
      to++;
    }
    return to;
  }

  /** The number of the pair of an example; -1 for padding. */
  private static int pair(int example) {
    return example >> 1;
  }

  /** 1 for a chosen answer, -1 for a rejected one. */
  private static int sign(int example) {
    return 1 - 2 * (example & 1);
  }

  /** How many pairs there are. */
  static int count(Batch batch) {
    int count = 0;
    for (int from = 0; from < batch.rows(); from = end(batch, from)) {
      count += batch.examples()[from] >= 0 ? 1 : 0;
    }
    return count;
  }
}

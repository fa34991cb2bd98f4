package io.fundamentallm.tokenizers.model;

import java.util.Arrays;

/** What one search needs: for each place of the text, how the best path gets there. */
final class UnigramScratch {
  /** Arrays beyond this are not kept after a long text. */
  private static final int KEPT = 1 << 20;

  final UnigramCache cache = new UnigramCache();

  /** The score of the best path that ends here. */
  double[] best = {};

  /** Where its last token begins, or -1 if no path ends here. */
  int[] from = {};

  /** Its last token. */
  int[] ids = {};

  int[] path = {};

  /** Makes room for a text of this many bytes, with no path yet except the one to its start. */
  void prepare(int size) {
    if (size >= from.length || (from.length > KEPT && size < KEPT)) {
      int length = Math.max(256, size + (size >> 2) + 1);
      best = new double[length];
      from = new int[length];
      ids = new int[length];
      path = new int[length];
    }
    Arrays.fill(from, 0, size + 1, -1);
    best[0] = 0;
  }
}

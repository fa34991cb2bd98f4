package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.kernels.elementwise.ElementwiseKernels;
import io.fundamentallm.runtime.cpu.kernels.math.Floats;
import io.fundamentallm.runtime.cpu.train.parameter.Initialization;

/**
 * Inverted dropout (Srivastava et al. 2014) in some rows of a step, at GPT-2's places. What is
 * dropped is a pure function of seed, step, place, layer, row of the whole step and element:
 * nothing is kept for the backward pass, which asks again. Threads and the parts of a step make no
 * difference. Immutable.
 */
public final class Dropout {

  /** Where elements are dropped. */
  public enum Place {
    /** Token and position embeddings together. */
    EMBEDDINGS,
    /** The weights of attention, after softmax. */
    PROBABILITIES,
    /** What attention adds to the residual stream. */
    ATTENTION,
    /** What the feed-forward layer adds to it. */
    FEED_FORWARD
  }

  /** Drops nothing. */
  static final Dropout NONE = new Dropout(0, 0, 0);

  private static final long PURPOSE = Randomness.purpose("dropout");
  private static final int ONE = 1 << 24;

  private final int threshold; // of ONE
  private final float scale;
  private final long key;
  private final int firstRow;

  private Dropout(double probability, long key, int firstRow) {
    threshold = (int) Math.min(ONE - 1, Math.round(probability * ONE));
    scale = (float) ONE / (ONE - threshold);
    this.key = key;
    this.firstRow = firstRow;
  }

  /**
   * Dropout of a step, or of a part of it.
   *
   * @param firstRow the part's first row, in the whole step
   */
  public static Dropout of(double probability, long seed, int step, int firstRow) {
    long key = Initialization.mix(Initialization.mix(seed ^ PURPOSE) + step);
    return probability == 0 ? NONE : new Dropout(probability, key, firstRow);
  }

  boolean isNone() {
    return threshold == 0;
  }

  /** Drops in place, in rows of x [rows][C]. */
  public void rows(
      ElementwiseKernels kernels,
      Place place,
      int layer,
      int from,
      int rows,
      int channels,
      Floats x) {
    for (int row = from; !isNone() && row < from + rows; row++) {
      kernels.dropout(
          channels, key(place, layer, row), 0, threshold, scale, x.array(), x.at(row * channels));
    }
  }

  /** Which attention weights of a head are dropped for a query, by its row. */
  public long ofHead(int layer, int head, int row) {
    return isNone() ? 0 : Initialization.mix(key(Place.PROBABILITIES, layer, row) + head);
  }

  /**
   * Drops in place, in the weights with which one query sees keys, or in their gradient.
   *
   * @param ofHead of the query, by {@link #ofHead}
   * @param first position of the first of these keys
   */
  public void probabilities(
      ElementwiseKernels kernels, long ofHead, int first, int keys, float[] p, int pAt) {
    if (!isNone()) {
      kernels.dropout(keys, ofHead, first, threshold, scale, p, pAt);
    }
  }

  private long key(Place place, int layer, int row) {
    long ofLayer = Initialization.mix(key + (long) layer * Place.values().length + place.ordinal());
    return Initialization.mix(ofLayer + firstRow + row);
  }
}

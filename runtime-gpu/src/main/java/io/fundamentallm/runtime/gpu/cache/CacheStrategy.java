package io.fundamentallm.runtime.gpu.cache;

import ai.onnxruntime.OrtException;
import java.util.List;

/** How keys and values get from one run of the graph to the next. Thread-safe. */
public interface CacheStrategy extends AutoCloseable {
  /** What it does and why, for {@link io.fundamentallm.model.ModelInfo#device()}. */
  String name();

  /** The past of an empty sequence, held once by the caller. */
  Past empty();

  /** The tokens of a past that a run has to see again, before the new ones. */
  default int[] again(Past past) {
    return new int[0];
  }

  /** Where a run pads sequences that are shorter than others. */
  boolean padsLeft();

  /**
   * Whether two sequences may be in one run. A run is made of sequences that all can with its
   * first. That one gets the most tokens, and of those that get as many it has the longest past.
   *
   * @param firstTokens how many the run adds to the first
   */
  boolean joins(Past first, int firstTokens, Past next, int nextTokens);

  /**
   * Prepares a run.
   *
   * @param pasts of its sequences, which are left as they are
   * @param tokens what each gets; the run pads them to the longest
   */
  Turn turn(List<Past> pasts, List<int[]> tokens) throws OrtException;

  /**
   * The first tokens of a past, held once by the caller; the past itself is left as it is.
   *
   * @param length in {@code [1, past.length()]}
   */
  Past truncate(Past past, int length);

  /** Frees what no past holds. No run may be under way, and none comes any more. */
  @Override
  void close();
}

package io.fundamentallm.runtime.gpu.cache;

import ai.onnxruntime.OrtException;
import java.util.List;

/**
 * How keys and values get from one run of the graph to the next. Thread-safe.
 *
 * @param <P> the pasts that it makes and takes
 */
public interface CacheStrategy<P extends Past> extends AutoCloseable {
  /** What it does and why, for {@link io.fundamentallm.model.ModelInfo#device()}. */
  String name();

  /** The past of an empty sequence, held once by the caller. */
  P empty();

  /** The tokens of a past that a run must see again, before the new ones. */
  default int[] recomputed(P past) {
    return new int[0];
  }

  /** Whether a run pads shorter sequences on the left, not on the right. */
  boolean padsLeft();

  /**
   * Whether two sequences may share a run. Each sequence of a run can share it with the first. The
   * first gets the most tokens and, among those with as many, has the longest past.
   *
   * @param firstTokens how many the run adds to the first
   */
  boolean joins(P first, int firstTokens, P next, int nextTokens);

  /**
   * Prepares a run.
   *
   * @param pasts of its sequences, which do not change
   * @param tokens what each gets; the run pads them to the longest
   */
  Turn<P> turn(List<P> pasts, List<int[]> tokens) throws OrtException;

  /**
   * The first tokens of a past, held once by the caller; the past itself does not change.
   *
   * @param length in {@code [1, past.length()]}
   */
  P truncate(P past, int length);

  /** Frees what no past holds. No run may be under way or follow. */
  @Override
  void close();
}

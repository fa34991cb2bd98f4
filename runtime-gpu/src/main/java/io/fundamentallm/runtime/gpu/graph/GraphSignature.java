package io.fundamentallm.runtime.gpu.graph;

import ai.onnxruntime.OnnxJavaType;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * The inputs and outputs of a decoder. B sequences, T new tokens, L tokens of the past, S = L + T,
 * V vocabulary.
 *
 * @param inputIds [B, T]
 * @param oneSequence whether the graph fixes B to 1
 * @param oneToken whether it fixes T to 1
 * @param attentionMask [B, S], 1 for what is visible; the first S if its width is fixed
 * @param maskWidth what the graph fixes the width of the mask to; 0 if it is free
 * @param positionIds [B, T]
 * @param cachePosition [T]: where the new tokens go in a cache of fixed size
 * @param cacheBranch whether there is an input use_cache_branch, bool [1]: whether there is a past
 * @param lastPositions [B], or as many dimensions as its rank says: S − 1 of each sequence
 * @param totalLength one number: the largest S
 * @param logitsToKeep one number: how many of the last tokens need logits
 * @param logits [B, T, V], or fewer T
 * @param hidden [B, T, C], the final hidden states, after the last norm
 * @param slots keys and values of all layers, in the order of the layers
 * @param grouped whether there may be a GroupQueryAttention, which needs padding on the right, and
 *     takes several tokens after a past from one sequence alone
 * @param inPlace whether keys and values may come out where they went in: all layers append to them
 *     by an operator that leaves those of the past where they are
 * @param weightBits the fewest bits of matrices that are in blocks; 0 where none are known to be
 */
public record GraphSignature(
    Ids inputIds,
    boolean oneSequence,
    boolean oneToken,
    Optional<Ids> attentionMask,
    int maskWidth,
    Optional<Ids> positionIds,
    Optional<Ids> cachePosition,
    boolean cacheBranch,
    Optional<Ids> lastPositions,
    Optional<Ids> totalLength,
    Optional<Ids> logitsToKeep,
    Output logits,
    Optional<Output> hidden,
    List<Slot> slots,
    boolean grouped,
    boolean inPlace,
    int weightBits) {

  /**
   * An input of whole numbers.
   *
   * @param type INT64 or INT32
   * @param rank number of dimensions
   */
  public record Ids(String name, OnnxJavaType type, int rank) {}

  /**
   * An output with a row for each token.
   *
   * @param width of a row; 0 if neither graph nor configuration says
   */
  public record Output(String name, Precision precision, int width) {}

  /** All inputs but keys, values and use_cache_branch. */
  public List<Ids> ids() {
    return Stream.of(
            Optional.of(inputIds),
            attentionMask,
            positionIds,
            cachePosition,
            lastPositions,
            totalLength,
            logitsToKeep)
        .flatMap(Optional::stream)
        .toList();
  }

  /** How many layers keep keys and values; 0 for a graph without a cache. */
  public int layers() {
    return slots.size() / 2;
  }

  /** The length that the graph fixes for a past; 0 if it is free. */
  public int capacity() {
    return slots.isEmpty() ? 0 : slots.get(0).capacity();
  }

  /**
   * Whether sequences of different lengths can be in one run with padding on the left: the padding
   * has to be hidden, and positions must not be counted from the longest.
   */
  public boolean ragged() {
    return !grouped
        && attentionMask.isPresent()
        && maskWidth == 0
        && positionIds.isPresent()
        && cachePosition.isEmpty();
  }
}

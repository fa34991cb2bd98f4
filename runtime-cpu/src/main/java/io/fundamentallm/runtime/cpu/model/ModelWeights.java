package io.fundamentallm.runtime.cpu.model;

import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * The weights of one model by role, no matter what its files call them. A matrix may be read until
 * the files are closed. Not thread-safe.
 */
public interface ModelWeights {

  /** The token embedding [V][C]. */
  Matrix embedding() throws IOException;

  /** The position table [T][C]; null where positions are rotary. */
  @Nullable Matrix positions() throws IOException;

  /** One block. */
  Layer layer(int index) throws IOException;

  /** The norm before the head. */
  Norm finalNorm() throws IOException;

  /** The language-model head [V][C]; the same object as {@link #embedding()} where tied. */
  Linear head() throws IOException;

  /**
   * Weights of a norm.
   *
   * @param weight factor on each channel
   * @param bias added to each channel; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Norm(float[] weight, float @Nullable [] bias) {}

  /**
   * A linear layer.
   *
   * @param matrix [outputs][inputs]
   * @param bias one for each output; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // read once, never compared
  record Linear(Matrix matrix, float @Nullable [] bias) {}

  /**
   * One transformer block. Rotary heads are in half-split order, no matter what the file's order
   * is.
   *
   * @param norm1 before attention; null for none
   * @param queryKeyValue [(H + 2·keyValueHeads)·D][C]: all queries, then all keys, then all values,
   *     each head by head
   * @param queryNorm [D], or [H·D] for all heads together; null for none
   * @param keyNorm [D], or [keyValueHeads·D]; null for none
   * @param attentionOut [C][H·D]
   * @param after1 after attention; null for none
   * @param norm2 before the feed-forward layer; null for none
   * @param gate [inner][C]; null where the layer is not gated
   * @param up [inner][C]
   * @param down [C][inner]
   * @param after2 after the feed-forward layer; null for none
   */
  record Layer(
      @Nullable Norm norm1,
      Linear queryKeyValue,
      float @Nullable [] queryNorm,
      float @Nullable [] keyNorm,
      Linear attentionOut,
      @Nullable Norm after1,
      @Nullable Norm norm2,
      @Nullable Linear gate,
      Linear up,
      Linear down,
      @Nullable Norm after2) {}
}

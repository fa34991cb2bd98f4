package io.fundamentallm.runtime.cpu.model;

import java.io.IOException;
import java.util.List;
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

  /** The matrices of a block, without its norms and biases: nothing is read. */
  default Layer outline(int index) throws IOException {
    return layer(index);
  }

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
   * @param sinks [H], a score of each head for attending to nothing; null for none
   * @param attentionOut [C][H·D]
   * @param after1 after attention; null for none
   * @param norm2 before the feed-forward layer; null for none
   * @param feedForward the feed-forward layer, or the experts
   * @param after2 after the feed-forward layer; null for none
   */
  record Layer(
      @Nullable Norm norm1,
      Linear queryKeyValue,
      float @Nullable [] queryNorm,
      float @Nullable [] keyNorm,
      float @Nullable [] sinks,
      Linear attentionOut,
      @Nullable Norm after1,
      @Nullable Norm norm2,
      FeedForward feedForward,
      @Nullable Norm after2) {

    /** The gate of the only expert; null where it is not gated. */
    public @Nullable Linear gate() {
      return feedForward.experts.get(0).gate;
    }

    /** What the only expert's gate multiplies. */
    public Linear up() {
      return feedForward.experts.get(0).up;
    }

    /** The way back of the only expert. */
    public Linear down() {
      return feedForward.experts.get(0).down;
    }
  }

  /**
   * A feed-forward layer.
   *
   * @param experts one, or those that the router chooses among
   * @param router null where there is one expert
   */
  record FeedForward(List<Expert> experts, @Nullable Router router) {
    /** With one expert. */
    public static FeedForward of(@Nullable Linear gate, Linear up, Linear down) {
      return new FeedForward(List.of(new Expert(gate, up, down)), null);
    }
  }

  /**
   * One of the experts, or all of a feed-forward layer.
   *
   * @param gate [inner][C]; null where the layer is not gated
   * @param up [inner][C]
   * @param down [C][inner]
   */
  record Expert(@Nullable Linear gate, Linear up, Linear down) {}

  /**
   * What chooses experts.
   *
   * @param weights [experts][C]
   * @param shared the expert of all tokens; null for none
   * @param sharedGate [1][C], whose sigmoid weighs the shared expert; null for none
   */
  record Router(Linear weights, @Nullable Expert shared, @Nullable Linear sharedGate) {}
}

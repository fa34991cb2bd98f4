package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.util.ArrayList;
import java.util.List;
import java.util.TreeSet;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * A transformer's weights as a forward pass reads them. Immutable and thread-safe.
 *
 * @param embedding [V][C]
 * @param positions [T][C] row-major; null where positions are rotary
 * @param blocks one for each layer
 * @param finalNorm before the head
 * @param head [V][C]; the embedding itself where tied
 */
@SuppressWarnings("ArrayRecordComponent") // the one copy of the weights, never compared
record Transformer(
    TransformerConfig config,
    PackedWeights embedding,
    float @Nullable [] positions,
    List<Block> blocks,
    Normalization finalNorm,
    Linear head) {

  /**
   * A linear layer.
   *
   * @param weights [outputs][inputs]
   * @param bias one for each padded output; null for none
   * @param then what is done with its outputs
   */
  record Linear(PackedWeights weights, float @Nullable [] bias, OutputAction then) {}

  /** What is done with the outputs of a linear layer. */
  enum OutputAction {
    WRITE,
    ADD,
    ACTIVATE
  }

  /** Norms of queries and keys, of each head or of all together; null for none. */
  record HeadNorms(@Nullable Normalization queries, @Nullable Normalization keys) {}

  /**
   * One block.
   *
   * @param norm1 before attention; null for none
   * @param queryKeyValue see {@link ModelWeights.Layer#queryKeyValue}
   * @param sinks a score of each head for attending to nothing; null for none
   * @param after1 after attention; null for none
   * @param norm2 before the feed-forward layer; null for none
   * @param feedForward the feed-forward layer, or the experts
   * @param after2 after the feed-forward layer; null for none
   */
  @SuppressWarnings("ArrayRecordComponent") // never compared
  record Block(
      @Nullable Normalization norm1,
      Linear queryKeyValue,
      HeadNorms headNorms,
      float @Nullable [] sinks,
      Linear attentionOut,
      @Nullable Normalization after1,
      @Nullable Normalization norm2,
      FeedForward feedForward,
      @Nullable Normalization after2) {

    /** The first layer of the only expert. */
    Linear up() {
      return feedForward.experts.get(0).up;
    }

    /** The second layer of the only expert. */
    Linear down() {
      return feedForward.experts.get(0).down;
    }

    /** All linear layers whose weights may be quantised. */
    List<Linear> linears() {
      List<Linear> linears = new ArrayList<>(List.of(queryKeyValue, attentionOut));
      for (Expert expert : feedForward.experts) {
        linears.add(expert.up);
        linears.add(expert.down);
      }
      Router router = feedForward.router;
      if (router != null && router.shared != null) {
        linears.add(router.shared.up);
        linears.add(router.shared.down);
      }
      return linears;
    }
  }

  /** See {@link ModelWeights.FeedForward}. */
  record FeedForward(List<Expert> experts, @Nullable Router router) {}

  /**
   * A feed-forward layer.
   *
   * @param up its panels; if it is gated, each follows the same panel of the gate, so that a member
   *     computes both and can multiply them
   * @param down the way back
   */
  record Expert(Linear up, Linear down) {}

  /** See {@link ModelWeights.Router}. */
  record Router(Linear weights, @Nullable Expert shared, @Nullable Linear sharedGate) {}

  /** Bytes that the weights take. */
  long bytes() {
    long bytes = embedding.bytes() + (positions == null ? 0 : 4L * positions.length);
    if (head.weights() != embedding) {
      bytes += head.weights().bytes();
    }
    for (Block block : blocks) {
      for (Linear linear : block.linears()) {
        bytes += linear.weights().bytes();
      }
    }
    return bytes;
  }

  /** Whether any product has weights of this kind. */
  boolean anyWeights(Predicate<PackedWeights> kind) {
    boolean any = kind.test(head.weights());
    for (Block block : blocks) {
      for (Linear linear : block.linears()) {
        any |= kind.test(linear.weights());
      }
    }
    return any;
  }

  /** The formats of the weights, such as {@code f32} or {@code int4, int8}. */
  String precision() {
    TreeSet<String> names = new TreeSet<>();
    names.addAll(embedding.formats());
    names.addAll(head.weights().formats());
    for (Block block : blocks) {
      for (Linear linear : block.linears()) {
        names.addAll(linear.weights().formats());
      }
    }
    return String.join(", ", names);
  }
}

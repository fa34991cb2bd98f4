package io.fundamentallm.runtime.cpu.model;

import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import java.util.List;
import java.util.TreeSet;
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

  /** Norms of each head's queries and keys; null for none. */
  record HeadNorms(@Nullable Normalization queries, @Nullable Normalization keys) {}

  /**
   * One block.
   *
   * @param queryKeyValue see {@link ModelWeights.Layer#queryKeyValue}
   * @param up panels of the feed-forward layer; if it is gated, each follows the same panel of the
   *     gate, so that a member computes both and can multiply them
   */
  record Block(
      Normalization norm1,
      Linear queryKeyValue,
      HeadNorms headNorms,
      Linear attentionOut,
      Normalization norm2,
      Linear up,
      Linear down) {}

  /** Bytes that the weights take. */
  long bytes() {
    long bytes = embedding.bytes() + (positions == null ? 0 : 4L * positions.length);
    if (head.weights() != embedding) {
      bytes += head.weights().bytes();
    }
    for (Block block : blocks) {
      bytes +=
          block.queryKeyValue().weights().bytes()
              + block.attentionOut().weights().bytes()
              + block.up().weights().bytes()
              + block.down().weights().bytes();
    }
    return bytes;
  }

  /** Whether any product takes quantised inputs. */
  boolean quantized() {
    boolean quantized = head.weights().quantized();
    for (Block block : blocks) {
      quantized |=
          block.queryKeyValue().weights().quantized()
              || block.attentionOut().weights().quantized()
              || block.up().weights().quantized()
              || block.down().weights().quantized();
    }
    return quantized;
  }

  /** The formats of the weights, such as {@code f32} or {@code int4, int8}. */
  String precision() {
    TreeSet<String> names = new TreeSet<>();
    names.addAll(embedding.formats());
    names.addAll(head.weights().formats());
    for (Block block : blocks) {
      names.addAll(block.queryKeyValue().weights().formats());
      names.addAll(block.attentionOut().weights().formats());
      names.addAll(block.up().weights().formats());
      names.addAll(block.down().weights().formats());
    }
    return String.join(", ", names);
  }
}

package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.List;

/** ONNX's own operator. */
final class StandardAttention implements AttentionNodes {
  private final Graph graph;
  private final TransformerConfig config;
  private final Masks masks;

  StandardAttention(Graph graph, TransformerConfig config) {
    this.graph = graph;
    this.config = config;
    masks = new Masks(graph);
  }

  @Override
  public String attend(int layer, String query, String key, String value, String sinks) {
    String mask = masks.of(config.positions().get(layer).window());
    Operator attention =
        Operator.of("Attention")
            .with("q_num_heads", config.heads())
            .with("kv_num_heads", config.keyValueHeads());
    float scale = config.attention().scale();
    if (scale != TransformerConfig.Attention.usualScale(config.headSize())) {
      attention = attention.with("scale", scale);
    }
    String output = "attention_" + layer;
    graph.add(
        attention,
        List.of(
            query,
            key,
            value,
            mask,
            AttentionNodes.past(layer, "key"),
            AttentionNodes.past(layer, "value")),
        List.of(
            output, AttentionNodes.present(layer, "key"), AttentionNodes.present(layer, "value")));
    return output;
  }
}

package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.List;

/**
 * ONNX Runtime's GroupQueryAttention. It needs no mask, because it takes the lengths of the
 * sequences. Padding is on the right.
 */
final class GroupedAttention implements AttentionNodes {
  private static final Operator TO_INT = Operator.of("Cast").with("to", ElementType.INT32);

  private final Graph graph;
  private final TransformerConfig config;
  private final ElementType type;
  private final String lastPositions; // [B]
  private final String longest;

  /**
   * Of all layers.
   *
   * @param type FLOAT or FLOAT16, of keys and values and what is computed with them
   */
  GroupedAttention(Graph graph, TransformerConfig config, ElementType type) {
    this.graph = graph;
    this.config = config;
    this.type = type;
    Operator sum = Operator.of("ReduceSum").with("keepdims", 0);
    String lengths = graph.add(sum, DecoderGraph.ATTENTION_MASK, graph.numbers(1));
    lastPositions = graph.add(TO_INT, graph.add("Sub", lengths, graph.number(1)));
    String shape = graph.add("Shape", DecoderGraph.ATTENTION_MASK);
    longest = graph.add(TO_INT, graph.add("Gather", shape, graph.number(1)));
  }

  /** Whether the operator can do this. */
  static boolean takes(TransformerConfig config) {
    return config.headSize() % 8 == 0 && !config.attention().sinks();
  }

  @Override
  public String attend(int layer, String query, String key, String value, String sinks) {
    Operator attention =
        Operator.microsoft("GroupQueryAttention")
            .with("num_heads", config.heads())
            .with("kv_num_heads", config.keyValueHeads());
    float scale = config.attention().scale();
    if (scale != TransformerConfig.Attention.usualScale(config.headSize())) {
      attention = attention.with("scale", scale);
    }
    if (config.attention().softCap() > 0) {
      attention = attention.with("softcap", config.attention().softCap());
    }
    int window = config.positions().get(layer).window();
    if (window > 0) {
      attention = attention.with("local_window_size", window);
    }
    String output = "attention_" + layer;
    graph.add(
        attention,
        List.of(
            cast(query, type),
            cast(key, type),
            cast(value, type),
            AttentionNodes.past(layer, "key"),
            AttentionNodes.past(layer, "value"),
            lastPositions,
            longest),
        List.of(
            output, AttentionNodes.present(layer, "key"), AttentionNodes.present(layer, "value")));
    return cast(output, ElementType.FLOAT);
  }

  private String cast(String x, ElementType to) {
    return type == ElementType.FLOAT ? x : graph.add(Operator.of("Cast").with("to", to), x);
  }
}

package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * ONNX's own operator. It takes a mask, which is computed once for all layers with the same window.
 * L tokens of the past, T new ones, S = L + T.
 */
final class StandardAttention implements AttentionNodes {
  private final Graph graph;
  private final TransformerConfig config;
  private final Map<Integer, String> masks = new HashMap<>();

  StandardAttention(Graph graph, TransformerConfig config) {
    this.graph = graph;
    this.config = config;
  }

  @Override
  public String attend(int layer, String query, String key, String value) {
    String mask = masks.computeIfAbsent(config.windows().get(layer), this::mask);
    Operator attention =
        Operator.of("Attention")
            .with("q_num_heads", config.heads())
            .with("kv_num_heads", config.keyValueHeads());
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

  /**
   * What is added to scores, [B, 1, T, S]. It is finite: with infinities a padding token that sees
   * nothing would get NaN, and so would all that see its values.
   */
  private String mask(int window) {
    String all = size(DecoderGraph.ATTENTION_MASK);
    String past = graph.add("Sub", all, size(DecoderGraph.INPUT_IDS));
    String keys = graph.add("Range", graph.number(0), all, graph.number(1)); // [S]
    String queries = graph.add("Range", past, all, graph.number(1));
    queries = graph.add("Unsqueeze", queries, graph.numbers(1)); // [T, 1]
    String seen = graph.add("LessOrEqual", keys, queries);
    if (window > 0) {
      String hidden = graph.add("Sub", queries, graph.number(window));
      seen = graph.add("And", seen, graph.add("Greater", keys, hidden));
    }
    Operator cast = Operator.of("Cast").with("to", ElementType.BOOL);
    String given = graph.add(cast, DecoderGraph.ATTENTION_MASK);
    given = graph.add("Unsqueeze", given, graph.numbers(1, 2)); // [B, 1, 1, S]
    seen = graph.add("And", given, seen);
    return graph.add("Where", seen, graph.real(0), graph.real(-Float.MAX_VALUE));
  }

  /** The second dimension of an input. */
  private String size(String input) {
    return graph.add("Gather", graph.add("Shape", input), graph.number(1));
  }
}

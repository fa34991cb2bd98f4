package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.List;

/**
 * Attention node by node, for sinks and for scores with a soft cap: ONNX's own operator has no
 * sinks, and caps scores after it has added the mask, which would uncover what that hides. B
 * sequences, T new tokens, S with the past, H heads, G of them for each head of keys and values, D
 * head size.
 */
final class PlainAttention implements AttentionNodes {
  private final Graph graph;
  private final TransformerConfig config;
  private final Masks masks;

  PlainAttention(Graph graph, TransformerConfig config) {
    this.graph = graph;
    this.config = config;
    masks = new Masks(graph);
  }

  @Override
  public String attend(int layer, String query, String key, String value, String sinks) {
    int shared = config.keyValueHeads();
    long group = config.heads() / shared;
    long size = config.headSize();
    String queries = graph.add("Reshape", query, graph.numbers(0, 0, shared, group, size));
    queries = transposed(queries, 0, 2, 3, 1, 4); // [B, shared, G, T, D]
    String keys = transposed(joined(layer, "key", key), 0, 1, 2, 4, 3);
    String values = joined(layer, "value", value);
    String scores = graph.add("MatMul", queries, keys); // [B, shared, G, T, S]
    scores = graph.add("Mul", scores, graph.real(config.attention().scale()));
    if (config.attention().softCap() > 0) {
      scores = DecoderGraph.capped(graph, scores, config.attention().softCap());
    }
    String mask = masks.of(config.positions().get(layer).window()); // [B, 1, T, S]
    scores = graph.add("Add", scores, graph.add("Unsqueeze", mask, graph.numbers(1)));
    String weights = graph.add(Operator.of("Softmax").with("axis", -1), scores);
    if (!sinks.isEmpty()) {
      // what a sink takes from a sum of exponentials
      Operator logSum = Operator.of("ReduceLogSumExp").with("keepdims", 1);
      String log = graph.add(logSum, scores, graph.numbers(-1));
      String rest = graph.add("Sigmoid", graph.add("Sub", log, sinks));
      weights = graph.add("Mul", weights, rest);
    }
    String mixed = transposed(graph.add("MatMul", weights, values), 0, 3, 1, 2, 4);
    return graph.add("Reshape", mixed, graph.numbers(0, 0, config.heads() * size));
  }

  /** Keys or values with those of the past, [B, shared, 1, S, D]. */
  private String joined(int layer, String part, String x) {
    String heads =
        graph.add("Reshape", x, graph.numbers(0, 0, config.keyValueHeads(), config.headSize()));
    String present = AttentionNodes.present(layer, part);
    graph.add(
        Operator.of("Concat").with("axis", 2),
        List.of(AttentionNodes.past(layer, part), transposed(heads, 0, 2, 1, 3)),
        List.of(present));
    return graph.add("Unsqueeze", present, graph.numbers(2));
  }

  private String transposed(String x, long... order) {
    return graph.add(Operator.of("Transpose").withAll("perm", order), x);
  }
}

package io.fundamentallm.runtime.cpu.onnx;

import java.util.HashMap;
import java.util.Map;

/**
 * Which keys each query sees, computed once for all layers with the same window. L tokens of the
 * past, T new ones, S = L + T.
 */
final class Masks {
  private final Graph graph;
  private final Map<Integer, String> masks = new HashMap<>();

  Masks(Graph graph) {
    this.graph = graph;
  }

  /** What is added to scores where this many positions are seen; 0 for all. */
  String of(int window) {
    return masks.computeIfAbsent(window, this::mask);
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

package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.RotaryTable;

/**
 * Rotary positions in a graph. Cosines and sines are computed from the position_ids of a run, in
 * double as in {@link RotaryTable}. A table would need a context length, which no tensor confirms.
 */
final class Rotation {
  private static final Operator TO_DOUBLE = Operator.of("Cast").with("to", ElementType.DOUBLE);
  private static final Operator TO_FLOAT = Operator.of("Cast").with("to", ElementType.FLOAT);

  private final Graph graph;
  private final Rotary rotary;
  private final String prefix; // of the names of its constants
  private final String cosines; // [B, T, dimensions / 2]
  private final String sines;

  /**
   * Positions by one rule.
   *
   * @param number of the rule in its graph
   */
  Rotation(Graph graph, Rotary rotary, int number) {
    this.graph = graph;
    this.rotary = rotary;
    prefix = number == 0 ? "rotary." : "rotary." + number + ".";
    String position = graph.add(TO_DOUBLE, DecoderGraph.POSITION_IDS);
    position = graph.add("Unsqueeze", position, graph.numbers(-1)); // [B, T, 1]
    String angle = graph.add("Mul", position, frequencies());
    if (rotary.scaling() instanceof Rotary.Dynamic dynamic) {
      angle = graph.add("Mul", angle, slower(dynamic, position));
    }
    sines = amplitude(graph.add("Sin", angle));
    // ONNX Runtime has no cosine of doubles on the CPU
    String quarter = doubles("quarter", Math.PI / 2);
    cosines = amplitude(graph.add("Sin", graph.add("Add", angle, quarter)));
  }

  private String frequencies() {
    String usual = doubles("frequencies", RotaryTable.frequencies(rotary));
    if (!(rotary.scaling() instanceof Rotary.LongRope longRope)) {
      return usual;
    }
    String last =
        graph.add(Operator.of("ReduceMax").with("keepdims", 0), DecoderGraph.POSITION_IDS);
    String beyond = graph.add("GreaterOrEqual", last, graph.number(longRope.trainedContext()));
    String others = doubles("long_frequencies", RotaryTable.frequenciesBeyond(rotary));
    return graph.add("Where", beyond, others, usual);
  }

  /**
   * Factors on frequencies, [B, T, dimensions / 2]: theta grows by stretch^(d/(d − 2)) beyond the
   * trained context, so frequency i, theta^(−2i/d), shrinks by stretch^(−2i/(d − 2)).
   */
  private String slower(Rotary.Dynamic rule, String position) {
    double perToken = rule.factor() / rule.trainedContext();
    String stretch = graph.add("Mul", position, doubles("stretch", perToken));
    stretch = graph.add("Add", stretch, doubles("unstretched", perToken - (rule.factor() - 1)));
    stretch = graph.add("Max", stretch, doubles("trained", 1));
    double[] exponents = new double[rotary.dimensions() / 2];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = i == 0 ? 0 : -2.0 * i / (rotary.dimensions() - 2);
    }
    return graph.add("Pow", stretch, doubles("exponents", exponents));
  }

  private String amplitude(String values) {
    double factor = RotaryTable.factor(rotary);
    String scaled = factor == 1 ? values : graph.add("Mul", values, doubles("factor", factor));
    return graph.add(TO_FLOAT, scaled);
  }

  private String doubles(String name, double... values) {
    return graph.weight(Weight.doubles(prefix + name, values));
  }

  /** Rotates the heads of queries or keys, [B, T, heads·D]. */
  String turn(String x, int heads) {
    Operator operator =
        Operator.of("RotaryEmbedding")
            .with("num_heads", heads)
            .with("rotary_embedding_dim", rotary.dimensions());
    return graph.add(operator, x, cosines, sines);
  }
}

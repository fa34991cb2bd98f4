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
  private final String cosines; // [B, T, dimensions / 2]
  private final String sines;

  Rotation(Graph graph, Rotary rotary) {
    this.graph = graph;
    this.rotary = rotary;
    double[] frequencies = RotaryTable.frequencies(rotary);
    String position = graph.add(TO_DOUBLE, DecoderGraph.POSITION_IDS);
    position = graph.add("Unsqueeze", position, graph.numbers(-1)); // [B, T, 1]
    String angle = graph.add("Mul", position, doubles("rotary.frequencies", frequencies));
    if (rotary.scaling() instanceof Rotary.Dynamic dynamic) {
      angle = graph.add("Mul", angle, slower(dynamic, position));
    }
    sines = amplitude(graph.add("Sin", angle));
    // ONNX Runtime has no cosine of doubles on the CPU
    String quarter = doubles("rotary.quarter", Math.PI / 2);
    cosines = amplitude(graph.add("Sin", graph.add("Add", angle, quarter)));
  }

  /**
   * Factors on frequencies, [B, T, dimensions / 2]: theta grows by stretch^(d/(d − 2)) beyond the
   * trained context, so frequency i, theta^(−2i/d), shrinks by stretch^(−2i/(d − 2)).
   */
  private String slower(Rotary.Dynamic rule, String position) {
    double perToken = rule.factor() / rule.trainedContext();
    String stretch = graph.add("Mul", position, doubles("rotary.stretch", perToken));
    stretch =
        graph.add("Add", stretch, doubles("rotary.unstretched", perToken - (rule.factor() - 1)));
    stretch = graph.add("Max", stretch, doubles("rotary.trained", 1));
    double[] exponents = new double[rotary.dimensions() / 2];
    for (int i = 0; i < exponents.length; i++) {
      exponents[i] = i == 0 ? 0 : -2.0 * i / (rotary.dimensions() - 2);
    }
    return graph.add("Pow", stretch, doubles("rotary.exponents", exponents));
  }

  private String amplitude(String values) {
    String scaled =
        rotary.scaling() instanceof Rotary.Yarn yarn
            ? graph.add("Mul", values, doubles("rotary.factor", yarn.attentionFactor()))
            : values;
    return graph.add(TO_FLOAT, scaled);
  }

  private String doubles(String name, double... values) {
    return graph.weight(Weight.doubles(name, values));
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

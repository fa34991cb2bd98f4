package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;

/** Adds linear layers, with their biases, to a graph. */
final class LinearNodes {
  private final Graph graph;
  private final Matrices matrices;

  LinearNodes(Graph graph, Matrices matrices) {
    this.graph = graph;
    this.matrices = matrices;
  }

  /** A layer of x. */
  String product(String name, Linear linear, String x) {
    return biased(name, linear, matrices.multiply(name, linear.matrix(), x));
  }

  /** The same for a matrix whose rounding costs much. */
  String sensitive(String name, Linear linear, String x) {
    return biased(name, linear, matrices.multiplySensitive(name, linear.matrix(), x));
  }

  /** The same without any rounding. */
  String exact(String name, Linear linear, String x) {
    Matrices floats = new FloatMatrices(graph, ElementType.FLOAT);
    return biased(name, linear, floats.multiply(name, linear.matrix(), x));
  }

  private String biased(String name, Linear linear, String product) {
    float[] bias = linear.bias();
    return bias == null
        ? product
        : graph.add("Add", product, graph.weight(Weight.floats(name + ".bias", bias)));
  }
}

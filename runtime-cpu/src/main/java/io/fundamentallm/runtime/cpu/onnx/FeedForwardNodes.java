package io.fundamentallm.runtime.cpu.onnx;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.util.List;

/** Adds feed-forward layers and mixtures of experts to a graph. */
final class FeedForwardNodes {
  private final Graph graph;
  private final TransformerConfig config;
  private final LinearNodes linears;

  FeedForwardNodes(Graph graph, TransformerConfig config, LinearNodes linears) {
    this.graph = graph;
    this.config = config;
    this.linears = linears;
  }

  /**
   * A layer.
   *
   * @param name what its constants' names begin with
   * @param normed [B, T, C]
   */
  String layer(String name, ModelWeights.FeedForward layer, String normed) {
    ModelWeights.Router router = layer.router();
    return router == null
        ? expert(name, layer.experts().get(0), normed)
        : mixture(name, layer.experts(), router, normed);
  }

  private String expert(String name, ModelWeights.Expert expert, String normed) {
    String up = linears.product(name + "up", expert.up(), normed);
    Linear gate = expert.gate();
    float limit = config.feedForward().limit();
    String inner;
    if (gate == null) {
      inner = activate(up);
    } else if (limit > 0) {
      inner = limited(linears.product(name + "gate", gate, normed), up, limit);
    } else {
      inner = graph.add("Mul", activate(linears.product(name + "gate", gate, normed)), up);
    }
    return linears.sensitive(name + "down", expert.down(), inner);
  }

  private String limited(String gate, String up, float limit) {
    String g = graph.add("Min", gate, graph.real(limit));
    String u = graph.add("Clip", up, graph.real(-limit), graph.real(limit));
    String sigmoid = graph.add("Sigmoid", graph.add("Mul", g, graph.real(1.702f)));
    String activated = graph.add("Mul", g, sigmoid);
    return graph.add("Mul", activated, graph.add("Add", u, graph.real(1)));
  }

  /**
   * All experts of all tokens, weighted by zero where a token did not choose them: ONNX has no
   * operator that would compute some of them only.
   */
  private String mixture(
      String name, List<ModelWeights.Expert> experts, ModelWeights.Router router, String normed) {
    TransformerConfig.Experts rule = requireNonNull(config.feedForward().experts());
    String logits = linears.exact(name + "router", router.weights(), normed);
    String p = graph.add(Operator.of("Softmax").with("axis", -1), logits);
    String best = name + "best";
    String which = name + "which";
    graph.add(
        Operator.of("TopK").with("axis", -1),
        List.of(p, graph.numbers(rule.used())),
        List.of(best, which));
    String chosen = best;
    if (rule.normalized()) {
      Operator sum = Operator.of("ReduceSum").with("keepdims", 1);
      chosen = graph.add("Div", best, graph.add(sum, best, graph.numbers(-1)));
    }
    String zeros = graph.add("Mul", p, graph.real(0));
    Operator scatter = Operator.of("ScatterElements").with("axis", -1);
    String all = graph.add(scatter, zeros, which, chosen); // [B, T, experts]
    String y = "";
    for (int i = 0; i < experts.size(); i++) {
      String out = expert(name + "experts." + i + ".", experts.get(i), normed);
      Operator gather = Operator.of("Gather").with("axis", -1);
      out = graph.add("Mul", out, graph.add(gather, all, graph.numbers(i)));
      y = i == 0 ? out : graph.add("Add", y, out);
    }
    ModelWeights.Expert shared = router.shared();
    if (shared == null) {
      return y;
    }
    String out = expert(name + "shared.", shared, normed);
    Linear gate = router.sharedGate();
    if (gate != null) {
      String weight = linears.exact(name + "shared_gate", gate, normed);
      out = graph.add("Mul", out, graph.add("Sigmoid", weight));
    }
    return graph.add("Add", y, out);
  }

  private String activate(String x) {
    return switch (config.feedForward().activation()) {
      case GELU -> graph.add("Gelu", x);
      case GELU_TANH -> graph.add(Operator.of("Gelu").with("approximate", "tanh"), x);
      case SILU -> graph.add("Mul", x, graph.add("Sigmoid", x));
      case RELU -> graph.add("Relu", x);
    };
  }
}

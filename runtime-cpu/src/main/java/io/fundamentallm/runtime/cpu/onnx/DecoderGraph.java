package io.fundamentallm.runtime.cpu.onnx;

import static java.util.Objects.requireNonNull;

import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Norm;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A decoder-only transformer as a graph, with the inputs and outputs of Hugging Face Optimum. B
 * sequences, T new tokens, L tokens of the past, S = L + T, C channels, H heads, D head size, V
 * vocabulary.
 */
final class DecoderGraph {
  static final String INPUT_IDS = "input_ids";
  static final String ATTENTION_MASK = "attention_mask";
  static final String POSITION_IDS = "position_ids";

  private static final String LOGITS = "logits";
  private static final String HIDDEN_STATES = "hidden_states";
  private static final String[] PARTS = {"key", "value"};

  private final Graph graph = new Graph();
  private final TransformerConfig config;
  private final ModelWeights weights;
  private final Matrices matrices;
  private final AttentionNodes attention;
  private final Map<Rotary, Rotation> rotations = new LinkedHashMap<>();

  private DecoderGraph(TransformerConfig config, ModelWeights weights, OnnxWeights form) {
    this.config = config;
    this.weights = weights;
    boolean half = form.bits() == OnnxWeights.F16.bits();
    boolean grouped = GroupedAttention.takes(config);
    if (half && !grouped) {
      throw new IllegalArgumentException(
          "16 bits need heads of a multiple of 8 channels; those of this model have "
              + config.headSize());
    }
    ElementType floats = half ? ElementType.FLOAT16 : ElementType.FLOAT;
    if (config.attention().sinks()) {
      throw new IllegalArgumentException(
          "attention sinks, as in " + config.architecture() + ", are not exported to ONNX");
    }
    signature(floats);
    matrices =
        form.bits() >= OnnxWeights.F16.bits()
            ? new FloatMatrices(graph, floats)
            : new QuantizedMatrices(graph, form);
    attention =
        form.groupQueryAttention() && grouped
            ? new GroupedAttention(graph, config, floats)
            : config.attention().softCap() > 0
                ? new PlainAttention(graph, config)
                : new StandardAttention(graph, config);
    for (TransformerConfig.Positions layer : config.positions()) {
      Rotary rotary = layer.rotary();
      if (rotary != null) {
        rotations.computeIfAbsent(rotary, rule -> new Rotation(graph, rule, rotations.size()));
      }
    }
  }

  /**
   * Builds the graph. Its constants are read from the weights' matrices when it is written.
   *
   * @throws IOException when a vector cannot be read; names file, tensor and offset
   */
  static Graph of(TransformerConfig config, ModelWeights weights, OnnxWeights form)
      throws IOException {
    DecoderGraph decoder = new DecoderGraph(config, weights, form);
    decoder.build();
    return decoder.graph;
  }

  /** Adds inputs and outputs, with keys and values of this type. */
  private void signature(ElementType cached) {
    graph.input(INPUT_IDS, ElementType.INT64, "batch_size", "sequence_length");
    graph.input(ATTENTION_MASK, ElementType.INT64, "batch_size", "total_sequence_length");
    graph.input(POSITION_IDS, ElementType.INT64, "batch_size", "sequence_length");
    graph.output(
        LOGITS, ElementType.FLOAT, "batch_size", "sequence_length", config.vocabularySize());
    graph.output(
        HIDDEN_STATES, ElementType.FLOAT, "batch_size", "sequence_length", config.hiddenSize());
    for (int layer = 0; layer < config.layers(); layer++) {
      for (String part : PARTS) {
        graph.input(AttentionNodes.past(layer, part), cached, cache("past_sequence_length"));
        graph.output(AttentionNodes.present(layer, part), cached, cache("total_sequence_length"));
      }
    }
  }

  private Object[] cache(String length) {
    return new Object[] {"batch_size", config.keyValueHeads(), length, config.headSize()};
  }

  private void build() throws IOException {
    TransformerConfig.Scales scales = config.scales();
    String x = scaled(matrices.embed(weights.embedding(), INPUT_IDS), scales.embedding());
    Matrix positions = weights.positions();
    if (positions != null) {
      String table = FloatMatrices.store(graph, "positions", positions, ElementType.FLOAT);
      x = graph.add("Add", x, graph.add("Gather", table, POSITION_IDS));
    }
    for (int i = 0; i < config.layers(); i++) {
      ModelWeights.Layer layer = weights.layer(i);
      String attended = attend(i, layer, x);
      if (config.norms().parallel()) {
        x = graph.add("Add", graph.add("Add", x, attended), feedForward(i, layer, x));
      } else {
        x = graph.add("Add", x, scaled(attended, scales.residual()));
        x = graph.add("Add", x, scaled(feedForward(i, layer, x), scales.residual()));
      }
    }
    x = norm("norm", weights.finalNorm(), x);
    graph.add(Operator.of("Identity"), List.of(x), List.of(HIDDEN_STATES));
    String logits = scaled(linear("head", weights.head(), x), scales.logits());
    if (scales.logitCap() > 0) {
      logits = capped(graph, logits, scales.logitCap());
    }
    graph.add(Operator.of("Identity"), List.of(logits), List.of(LOGITS));
  }

  private String scaled(String x, float factor) {
    return factor == 1 ? x : graph.add("Mul", x, graph.real(factor));
  }

  /** {@code cap·tanh(x/cap)}. */
  static String capped(Graph graph, String x, float cap) {
    String tanh = graph.add("Tanh", graph.add("Div", x, graph.real(cap)));
    return graph.add("Mul", tanh, graph.real(cap));
  }

  private String attend(int index, ModelWeights.Layer layer, String x) {
    String name = "layers." + index + ".";
    String normed = normIfAny(name + "norm1", layer.norm1(), x);
    String all = linear(name + "query_key_value", layer.queryKeyValue(), normed);
    int keys = config.keyValueHeads() * config.headSize();
    String prefix = name.replace('.', '_');
    String query = prefix + "query";
    String key = prefix + "key";
    String value = prefix + "value";
    graph.add(
        Operator.of("Split").with("axis", -1),
        List.of(all, graph.numbers((long) config.heads() * config.headSize(), keys, keys)),
        List.of(query, key, value));
    query = headNorm(name + "query_norm", layer.queryNorm(), query, config.heads());
    key = headNorm(name + "key_norm", layer.keyNorm(), key, config.keyValueHeads());
    Rotary rotary = config.positions().get(index).rotary();
    Rotation rotation = rotary == null ? null : rotations.get(rotary);
    if (rotation != null) {
      query = rotation.turn(query, config.heads());
      key = rotation.turn(key, config.keyValueHeads());
    }
    String mixed = attention.attend(index, query, key, value);
    String out = linear(name + "attention_out", layer.attentionOut(), mixed);
    return normIfAny(name + "after1", layer.after1(), out);
  }

  private String feedForward(int index, ModelWeights.Layer layer, String x) {
    String name = "layers." + index + ".";
    String normed = normIfAny(name + "norm2", layer.norm2(), x);
    ModelWeights.Router router = layer.feedForward().router();
    String out =
        router == null
            ? expert(name, layer.feedForward().experts().get(0), normed)
            : mixture(name, layer.feedForward().experts(), router, normed);
    return normIfAny(name + "after2", layer.after2(), out);
  }

  private String expert(String name, ModelWeights.Expert expert, String normed) {
    String up = linear(name + "up", expert.up(), normed);
    Linear gate = expert.gate();
    String inner =
        gate == null
            ? activate(up)
            : graph.add("Mul", activate(linear(name + "gate", gate, normed)), up);
    Linear down = expert.down();
    return biased(
        name + "down", down, matrices.multiplySensitive(name + "down", down.matrix(), inner));
  }

  /**
   * All experts of all tokens, weighted by zero where a token did not choose them: ONNX has no
   * operator that would compute some of them only.
   */
  private String mixture(
      String name, List<ModelWeights.Expert> experts, ModelWeights.Router router, String normed) {
    TransformerConfig.Experts rule = requireNonNull(config.feedForward().experts());
    Linear weights = router.weights();
    Matrices exact = new FloatMatrices(graph, ElementType.FLOAT); // much depends on few weights
    String product = exact.multiply(name + "router", weights.matrix(), normed);
    String logits = biased(name + "router", weights, product);
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
      String weight = exact.multiply(name + "shared_gate", gate.matrix(), normed);
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

  private String linear(String name, Linear linear, String x) {
    return biased(name, linear, matrices.multiply(name, linear.matrix(), x));
  }

  private String biased(String name, Linear linear, String product) {
    float[] bias = linear.bias();
    return bias == null
        ? product
        : graph.add("Add", product, graph.weight(Weight.floats(name + ".bias", bias)));
  }

  private String normIfAny(String name, @Nullable Norm norm, String x) {
    return norm == null ? x : norm(name, norm, x);
  }

  private String norm(String name, Norm norm, String x) {
    String gain = graph.weight(Weight.floats(name + ".weight", norm.weight()));
    float[] bias = norm.bias();
    if (bias == null) {
      return rmsNorm(x, gain);
    }
    Operator operator =
        Operator.of("LayerNormalization")
            .with("axis", -1)
            .with("epsilon", config.norms().epsilon());
    return graph.add(operator, x, gain, graph.weight(Weight.floats(name + ".bias", bias)));
  }

  private String rmsNorm(String x, String gain) {
    Operator operator =
        Operator.of("RMSNormalization").with("axis", -1).with("epsilon", config.norms().epsilon());
    return graph.add(operator, x, gain);
  }

  /** Normalizes each head of queries or keys, or all together, [B, T, heads·D]. */
  private String headNorm(String name, float @Nullable [] norm, String x, int heads) {
    if (norm == null) {
      return x;
    }
    String gain = graph.weight(Weight.floats(name + ".weight", norm));
    if (config.attention().norm() == TransformerConfig.QueryKeyNorm.WIDTH) {
      return rmsNorm(x, gain);
    }
    String apart = graph.add("Reshape", x, graph.numbers(0, 0, heads, config.headSize()));
    String normed = rmsNorm(apart, gain);
    return graph.add("Reshape", normed, graph.numbers(0, 0, (long) heads * config.headSize()));
  }
}

package io.fundamentallm.benchmarks.models;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Writes a decoder for ONNX Runtime, out of the operators that its own model builder uses: norms
 * fused with the residual sum, one product for queries, keys and values, GroupQueryAttention whose
 * past and present are one buffer, MatMulNBits with products of bytes (accuracy level 4).
 *
 * <p>Only the last position gets through the last feed-forward block and to the logits.
 */
final class OnnxDecoder implements AutoCloseable {
  private static final float EPSILON = 1e-5f;
  private static final Map<String, Object> NONE = Map.of();

  private final Shape shape;
  private final Weights weights;
  private final OnnxGraph graph;
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private OnnxDecoder(Shape shape, Weights weights, Path directory) throws IOException {
    this.shape = shape;
    this.weights = weights;
    this.graph = new OnnxGraph(directory);
    shape.tensors().forEach(tensor -> tensors.put(tensor.name(), tensor));
  }

  /** Writes {@code model.onnx} and its weights. */
  static void write(Shape shape, Weights weights, Path directory) throws IOException {
    if (!shape.tied()) {
      throw new IllegalArgumentException(shape + " has no graph of this kind");
    }
    try (OnnxDecoder decoder = new OnnxDecoder(shape, weights, directory)) {
      decoder.signature();
      if (shape.llama()) {
        decoder.llama();
      } else {
        decoder.gpt2();
      }
      decoder.graph.write();
    }
  }

  private void signature() {
    graph.input("input_ids", OnnxGraph.INT64, "batch", "tokens");
    if (shape.learnedPositions()) {
      graph.input("position_ids", OnnxGraph.INT64, "batch", "tokens");
    }
    graph.input("seqlens_k", OnnxGraph.INT32, "batch");
    graph.input("total_sequence_length", OnnxGraph.INT32, 1);
    graph.output("logits", OnnxGraph.FLOAT, "batch", 1, shape.vocabulary);
    for (int layer = 0; layer < shape.layers; layer++) {
      for (String part : List.of("key", "value")) {
        String end = layer + "." + part;
        Object[] sizes = {"batch", shape.heads, "longest", shape.headWidth()};
        graph.input("past_key_values." + end, OnnxGraph.FLOAT, sizes);
        graph.output("present." + end, OnnxGraph.FLOAT, sizes);
      }
    }
    graph.constant("last", -1);
  }

  private void llama() throws IOException {
    Map<String, Object> rms = Map.of("axis", -1, "epsilon", EPSILON, "stash_type", 1);
    rotations();
    float[] embedding = values("model.embed_tokens");
    String table = graph.weight("embedding", embedding, shape.vocabulary, shape.width);
    String x = graph.node("Gather", NONE, table, "input_ids");
    String h =
        graph.node("SimplifiedLayerNormalization", rms, x, gain("model.layers.0.input_layernorm"));
    for (int layer = 0; layer < shape.layers; layer++) {
      String prefix = "model.layers." + layer + ".";
      String attention = prefix + "self_attn.";
      float[] stacked =
          Matrix.stacked(
              values(attention + "q_proj"),
              values(attention + "k_proj"),
              values(attention + "v_proj"));
      String qkv = product(h, attention + "qkv", stacked, 3 * shape.width, shape.width);
      String mixed = attention(layer, qkv, Map.of("do_rotary", 1), "cosines", "sines");
      if (layer == shape.layers - 1) {
        mixed = last(mixed);
        x = last(x);
      }
      String out = linear(mixed, attention + "o_proj");
      String[] sum = residualRms(x, out, gain(prefix + "post_attention_layernorm"));
      String gate = linear(sum[0], prefix + "mlp.gate_proj");
      String up = linear(sum[0], prefix + "mlp.up_proj");
      // With alpha 1 it is SiLU.
      String silu = graph.microsoft("QuickGelu", Map.of("alpha", 1f), gate);
      String down = linear(graph.node("Mul", NONE, silu, up), prefix + "mlp.down_proj");
      boolean more = layer + 1 < shape.layers;
      String next = more ? "model.layers." + (layer + 1) + ".input_layernorm" : "model.norm";
      sum = residualRms(sum[1], down, gain(next));
      h = sum[0];
      x = sum[1];
    }
    head(h, embedding);
  }

  private void gpt2() throws IOException {
    Map<String, Object> norm = Map.of("axis", -1, "epsilon", EPSILON);
    float[] embedding = values("transformer.wte");
    String table = graph.weight("embedding", embedding, shape.vocabulary, shape.width);
    String places = graph.weight("places", values("transformer.wpe"), shape.positions, shape.width);
    String x =
        graph.node(
            "Add",
            NONE,
            graph.node("Gather", NONE, table, "input_ids"),
            graph.node("Gather", NONE, places, "position_ids"));
    String first = "transformer.h.0.ln_1";
    String h = graph.node("LayerNormalization", norm, x, gain(first), bias(first));
    for (int layer = 0; layer < shape.layers; layer++) {
      String prefix = "transformer.h." + layer + ".";
      String qkv = conv(h, prefix + "attn.c_attn");
      qkv = graph.node("Add", NONE, qkv, bias(prefix + "attn.c_attn"));
      String mixed = attention(layer, qkv, NONE);
      if (layer == shape.layers - 1) {
        mixed = last(mixed);
        x = last(x);
      }
      String out = conv(mixed, prefix + "attn.c_proj");
      String[] sum = residualNorm(x, out, prefix + "ln_2", prefix + "attn.c_proj");
      String wide = conv(sum[0], prefix + "mlp.c_fc");
      String gelu = graph.microsoft("FastGelu", NONE, wide, bias(prefix + "mlp.c_fc"));
      String down = conv(gelu, prefix + "mlp.c_proj");
      boolean more = layer + 1 < shape.layers;
      String next = more ? "transformer.h." + (layer + 1) + ".ln_1" : "transformer.ln_f";
      sum = residualNorm(sum[1], down, next, prefix + "mlp.c_proj");
      h = sum[0];
      x = sum[1];
    }
    head(h, embedding);
  }

  /** The angles of rotary positions (Su et al. 2021), base 10,000, half a head's width of them. */
  private void rotations() throws IOException {
    int half = shape.headWidth() / 2;
    float[] cosines = new float[shape.positions * half];
    float[] sines = new float[cosines.length];
    for (int position = 0; position < shape.positions; position++) {
      for (int pair = 0; pair < half; pair++) {
        double angle = position * Math.pow(10_000, -(double) pair / half);
        cosines[position * half + pair] = (float) Math.cos(angle);
        sines[position * half + pair] = (float) Math.sin(angle);
      }
    }
    graph.weight("cosines", cosines, shape.positions, half);
    graph.weight("sines", sines, shape.positions, half);
  }

  private String attention(int layer, String qkv, Map<String, Object> more, String... rotations) {
    Map<String, Object> attributes = new LinkedHashMap<>(more);
    attributes.put("num_heads", shape.heads);
    attributes.put("kv_num_heads", shape.heads);
    List<String> inputs = new ArrayList<>(List.of(qkv, "", ""));
    inputs.add("past_key_values." + layer + ".key");
    inputs.add("past_key_values." + layer + ".value");
    inputs.addAll(List.of("seqlens_k", "total_sequence_length"));
    inputs.addAll(List.of(rotations));
    String output = "attention_" + layer;
    String present = "present." + layer;
    graph.microsoft(
        "GroupQueryAttention",
        attributes,
        inputs,
        List.of(output, present + ".key", present + ".value"));
    return output;
  }

  private String last(String x) {
    return graph.node("Gather", Map.of("axis", 1), x, "last");
  }

  private String[] residualRms(String x, String y, String gain) {
    String output = y + "_norm";
    String sum = y + "_sum";
    graph.microsoft(
        "SkipSimplifiedLayerNormalization",
        Map.of("epsilon", EPSILON),
        List.of(x, y, gain),
        List.of(output, "", "", sum));
    return new String[] {output, sum};
  }

  /** The bias of the product that came before is added here. */
  private String[] residualNorm(String x, String y, String norm, String before) throws IOException {
    String output = y + "_norm";
    String sum = y + "_sum";
    graph.microsoft(
        "SkipLayerNormalization",
        Map.of("epsilon", EPSILON),
        List.of(x, y, gain(norm), bias(norm), bias(before)),
        List.of(output, "", "", sum));
    return new String[] {output, sum};
  }

  /** By a matrix [out][in]. */
  private String linear(String x, String name) throws IOException {
    int[] sizes = tensor(name + ".weight").shape();
    return product(x, name, values(name), sizes[0], sizes[1]);
  }

  /** By a matrix [in][out]. */
  private String conv(String x, String name) throws IOException {
    int[] sizes = tensor(name + ".weight").shape();
    if (weights == Weights.F32) {
      String weight = graph.weight(name + ".weight", values(name), sizes);
      return graph.node("MatMul", NONE, x, weight);
    }
    float[] transposed = Matrix.transposed(values(name), sizes[0], sizes[1]);
    return product(x, name, transposed, sizes[1], sizes[0]);
  }

  private void head(String h, float[] embedding) throws IOException {
    product(h, "logits", embedding, shape.vocabulary, shape.width);
  }

  /** By a matrix [out][in]; the result has the given name. */
  private String product(String x, String name, float[] matrix, int out, int in)
      throws IOException {
    if (weights == Weights.F32) {
      float[] transposed = Matrix.transposed(matrix, out, in);
      String weight = graph.weight(name + ".weight", transposed, in, out);
      graph.node("", "MatMul", NONE, List.of(x, weight), List.of(name));
      return name;
    }
    int bits = weights == Weights.INT8 ? 8 : 4;
    int blocks = in / Blocks.SIZE;
    byte[] codes = Blocks.codes(matrix, weights);
    graph.weight(name + ".codes", codes, out, blocks, Blocks.SIZE * bits / 8);
    graph.weight(name + ".scales", Blocks.scales(matrix, weights), out * blocks);
    graph.microsoft(
        "MatMulNBits",
        Map.of("K", in, "N", out, "bits", bits, "block_size", Blocks.SIZE, "accuracy_level", 4),
        List.of(x, name + ".codes", name + ".scales"),
        List.of(name));
    return name;
  }

  private String gain(String norm) throws IOException {
    return graph.weight(norm + ".weight", values(norm), shape.width);
  }

  private String bias(String name) throws IOException {
    Tensor bias = tensor(name + ".bias");
    return graph.weight(name + ".bias", bias.values(), bias.shape());
  }

  private float[] values(String name) {
    return tensor(name + ".weight").values();
  }

  private Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException(name + " is none of " + tensors.keySet());
    }
    return tensor;
  }

  @Override
  public void close() throws IOException {
    graph.close();
  }
}

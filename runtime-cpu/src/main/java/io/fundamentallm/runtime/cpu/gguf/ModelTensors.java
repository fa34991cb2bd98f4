package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.gguf.FileTensor.Role;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Linear;
import io.fundamentallm.runtime.cpu.model.ModelWeights.Norm;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A model's weights under the names of llama.cpp, in the order in which they are written. */
final class ModelTensors {
  private final TransformerConfig config;
  private final ModelKeys keys;
  private final List<FileTensor> tensors = new ArrayList<>();

  private ModelTensors(TransformerConfig config, ModelKeys keys) {
    this.config = config;
    this.keys = keys;
  }

  static List<FileTensor> of(TransformerConfig config, ModelKeys keys, ModelWeights weights)
      throws IOException {
    ModelTensors all = new ModelTensors(config, keys);
    all.collect(weights);
    return all.tensors;
  }

  private void collect(ModelWeights weights) throws IOException {
    Matrix embedding = weights.embedding();
    Linear head = weights.head();
    boolean tied = head.matrix() == embedding;
    add("token_embd.weight", tied ? Role.HEAD : Role.OTHER, 0, embedding);
    Matrix positions = weights.positions();
    if (positions != null) {
      add("position_embd.weight", Role.EXACT, 0, positions);
    }
    float[] divisors = keys.divisors();
    if (divisors != null) {
      vector("rope_freqs.weight", divisors);
    }
    for (int i = 0; i < config.layers(); i++) {
      collect("blk." + i + ".", i, weights.layer(i));
    }
    norm("output_norm", weights.finalNorm());
    if (!tied) {
      add("output.weight", Role.HEAD, 0, head.matrix());
    }
    vector("output.bias", head.bias());
  }

  private void collect(String prefix, int index, ModelWeights.Layer layer) throws IOException {
    norm(prefix + "attn_norm", layer.norm1());
    attention(prefix, index, layer.queryKeyValue());
    vector(prefix + "attn_q_norm.weight", layer.queryNorm());
    vector(prefix + "attn_k_norm.weight", layer.keyNorm());
    linear(prefix + "attn_output", Role.ATTENTION_OUT, index, layer.attentionOut());
    norm(prefix + "ffn_norm", layer.norm2());
    linear(prefix + "ffn_gate", Role.OTHER, index, layer.gate());
    linear(prefix + "ffn_up", Role.OTHER, index, layer.up());
    linear(prefix + "ffn_down", Role.DOWN, index, layer.down());
  }

  private void attention(String prefix, int index, Linear all) {
    if (keys.fused()) {
      linear(prefix + "attn_qkv", Role.VALUES, index, all);
      return;
    }
    int queries = config.heads() * config.headSize();
    int shared = config.keyValueHeads() * config.headSize();
    int paired = keys.interleaved();
    part(prefix + "attn_q", Role.OTHER, index, all, new KeyRows(all.matrix(), 0, queries, paired));
    KeyRows second = new KeyRows(all.matrix(), queries, shared, paired);
    part(prefix + "attn_k", Role.KEYS, index, all, second);
    KeyRows third = new KeyRows(all.matrix(), queries + shared, shared, 0);
    part(prefix + "attn_v", Role.VALUES, index, all, third);
  }

  private void part(String name, Role role, int index, Linear all, KeyRows rows) {
    add(name + ".weight", role, index, rows);
    if (all.bias() != null) {
      vector(name + ".bias", rows.of(all.bias()));
    }
  }

  private void linear(String name, Role role, int index, @Nullable Linear linear) {
    if (linear != null) {
      add(name + ".weight", role, index, linear.matrix());
      vector(name + ".bias", linear.bias());
    }
  }

  private void norm(String name, Norm norm) {
    vector(name + ".weight", norm.weight());
    vector(name + ".bias", norm.bias());
  }

  private void add(String name, Role role, int index, Matrix matrix) {
    tensors.add(FileTensor.of(name, role, index, matrix));
  }

  private void vector(String name, float @Nullable [] values) {
    if (values != null) {
      tensors.add(FileTensor.vector(name, values));
    }
  }
}

package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A small model with random weights in Hugging Face's layout, in memory: tests change settings and
 * tensors before they write it.
 */
public final class TinyModel {
  /** config.json. */
  public final Map<String, Object> config = new LinkedHashMap<>();

  /** All tensors by name, in the order of the file. */
  public final Map<String, Weights> tensors = new LinkedHashMap<>();

  private final Random random;

  private TinyModel(String type, long seed) {
    random = new Random(seed);
    config.put("model_type", type);
  }

  /** GPT-2: 11 tokens, 8 positions, 12 channels, 2 layers, 3 heads. */
  public static TinyModel gpt2() {
    TinyModel model = new TinyModel("gpt2", 1);
    model
        .set("vocab_size", 11)
        .set("n_positions", 8)
        .set("n_embd", 12)
        .set("n_layer", 2)
        .set("n_head", 3)
        .set("bos_token_id", 9)
        .set("eos_token_id", 10);
    model.add("transformer.wte.weight", 11, 12);
    model.add("transformer.wpe.weight", 8, 12);
    for (int i = 0; i < 2; i++) {
      String h = "transformer.h." + i + ".";
      model.norm(h + "ln_1", 12);
      model.add(h + "attn.c_attn.weight", 12, 36).add(h + "attn.c_attn.bias", 36);
      model.add(h + "attn.c_proj.weight", 12, 12).add(h + "attn.c_proj.bias", 12);
      model.norm(h + "ln_2", 12);
      model.add(h + "mlp.c_fc.weight", 12, 48).add(h + "mlp.c_fc.bias", 48);
      model.add(h + "mlp.c_proj.weight", 48, 12).add(h + "mlp.c_proj.bias", 12);
    }
    return model.norm("transformer.ln_f", 12);
  }

  /** GPT-NeoX: 11 tokens, 16 positions, 24 channels, 2 layers, 3 heads, 20 inner. */
  public static TinyModel gptNeoX() {
    TinyModel model = new TinyModel("gpt_neox", 2);
    model
        .set("vocab_size", 11)
        .set("max_position_embeddings", 16)
        .set("hidden_size", 24)
        .set("num_hidden_layers", 2)
        .set("num_attention_heads", 3)
        .set("intermediate_size", 20);
    model.add("gpt_neox.embed_in.weight", 11, 24);
    for (int i = 0; i < 2; i++) {
      String h = "gpt_neox.layers." + i + ".";
      model.norm(h + "input_layernorm", 24).norm(h + "post_attention_layernorm", 24);
      model.linear(h + "attention.query_key_value", 72, 24, true);
      model.linear(h + "attention.dense", 24, 24, true);
      model.linear(h + "mlp.dense_h_to_4h", 20, 24, true);
      model.linear(h + "mlp.dense_4h_to_h", 24, 20, true);
    }
    return model.norm("gpt_neox.final_layer_norm", 24).add("embed_out.weight", 11, 24);
  }

  /**
   * Llama, Mistral, Qwen2 or Qwen3: 11 tokens, 32 positions, 16 channels, 2 layers, 4 heads of 6
   * channels, 2 for keys and values, 20 inner.
   */
  public static TinyModel llama(String type) {
    return llama(type, 16, 4, 2, 6, 20);
  }

  /** One of any size. */
  public static TinyModel llama(
      String type, int hidden, int heads, int keyHeads, int headSize, int inner) {
    TinyModel model = new TinyModel(type, 3);
    model
        .set("vocab_size", 11)
        .set("max_position_embeddings", 32)
        .set("hidden_size", hidden)
        .set("num_hidden_layers", 2)
        .set("num_attention_heads", heads)
        .set("num_key_value_heads", keyHeads)
        .set("head_dim", headSize)
        .set("intermediate_size", inner)
        .set("bos_token_id", 1)
        .set("eos_token_id", 2);
    model.add("model.embed_tokens.weight", 11, hidden);
    boolean bias = type.equals("qwen2");
    for (int i = 0; i < 2; i++) {
      String h = "model.layers." + i + ".";
      model.add(h + "input_layernorm.weight", hidden);
      model.linear(h + "self_attn.q_proj", heads * headSize, hidden, bias);
      model.linear(h + "self_attn.k_proj", keyHeads * headSize, hidden, bias);
      model.linear(h + "self_attn.v_proj", keyHeads * headSize, hidden, bias);
      if (type.equals("qwen3")) {
        model.add(h + "self_attn.q_norm.weight", headSize);
        model.add(h + "self_attn.k_norm.weight", headSize);
      }
      model.linear(h + "self_attn.o_proj", hidden, heads * headSize, false);
      model.add(h + "post_attention_layernorm.weight", hidden);
      model.linear(h + "mlp.gate_proj", inner, hidden, false);
      model.linear(h + "mlp.up_proj", inner, hidden, false);
      model.linear(h + "mlp.down_proj", hidden, inner, false);
    }
    return model.add("model.norm.weight", hidden).add("lm_head.weight", 11, hidden);
  }

  /** A Llama whose layers are fused as in Phi-3. */
  public static TinyModel phi3() {
    TinyModel model = llama("phi3");
    for (int i = 0; i < 2; i++) {
      String h = "model.layers." + i + ".";
      for (String name :
          List.of("self_attn.q", "self_attn.k", "self_attn.v", "mlp.gate", "mlp.up")) {
        model.tensors.remove(h + name + "_proj.weight");
      }
      model.linear(h + "self_attn.qkv_proj", 48, 16, false);
      model.linear(h + "mlp.gate_up_proj", 40, 16, false);
    }
    return model;
  }

  /**
   * Experts in place of a Llama's feed-forward layers.
   *
   * @param type mixtral, or gpt_oss with its experts in MXFP4
   */
  public static TinyModel experts(String type) {
    boolean oss = type.equals("gpt_oss");
    TinyModel model = llama(type, 32, 4, 2, 8, 64);
    model.tensors.keySet().removeIf(name -> name.contains(".mlp."));
    model.set("num_local_experts", 3).set("num_experts_per_tok", 2).set("sliding_window", 8);
    for (int i = 0; i < 2; i++) {
      String h = "model.layers." + i + ".";
      if (!oss) {
        model.set("sliding_window", null);
        model.linear(h + "block_sparse_moe.gate", 3, 32, false);
        for (int e = 0; e < 3; e++) {
          String expert = h + "block_sparse_moe.experts." + e + ".w";
          model.linear(expert + 1, 64, 32, false).linear(expert + 3, 64, 32, false);
          model.linear(expert + 2, 32, 64, false);
        }
        continue;
      }
      model.add(h + "self_attn.sinks", 4);
      for (String name : List.of("q", "k", "v", "o")) {
        int rows = model.tensor(h + "self_attn." + name + "_proj.weight").shape()[0];
        model.add(h + "self_attn." + name + "_proj.bias", rows);
      }
      model.linear(h + "mlp.router", 3, 32, true);
      model.microscaled(h + "mlp.experts.gate_up_proj", 3, 128, 1);
      model.microscaled(h + "mlp.experts.down_proj", 3, 32, 2);
    }
    return oss ? model.set("quantization_config", Map.of("quant_method", "mxfp4")) : model;
  }

  private void microscaled(String name, int count, int rows, int blocks) {
    bytes(name + "_blocks", 0, 256, count, rows, blocks, 16);
    bytes(name + "_scales", 118, 122, count, rows, blocks);
    add(name + "_bias", count, rows);
  }

  private void bytes(String name, int from, int to, int... shape) {
    int size = Arrays.stream(shape).reduce(1, (a, b) -> a * b);
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = random.nextInt(from, to);
    }
    tensors.put(name, new Weights(shape, values));
  }

  /** Changes a setting; null stays in the file as null. */
  public TinyModel set(String key, Object value) {
    config.put(key, value);
    return this;
  }

  /** Adds a tensor of random numbers. */
  public TinyModel add(String name, int... shape) {
    tensors.put(name, Weights.random(random, shape));
    return this;
  }

  /** Adds weight and bias of a norm. */
  public TinyModel norm(String name, int size) {
    return add(name + ".weight", size).add(name + ".bias", size);
  }

  /** Adds weight and perhaps bias of a linear layer. */
  public TinyModel linear(String name, int rows, int columns, boolean bias) {
    add(name + ".weight", rows, columns);
    return bias ? add(name + ".bias", rows) : this;
  }

  /** The tensor of that name. */
  public Weights tensor(String name) {
    return tensors.get(name);
  }

  /** Writes config.json alone. */
  public TinyModel writeConfig(Path directory) throws IOException {
    Files.writeString(directory.resolve("config.json"), JsonText.of(config));
    return this;
  }

  /** Writes config.json and model.safetensors with 32-bit floats. */
  public Path write(Path directory) throws IOException {
    return write(directory, "F32");
  }

  /** Writes config.json and model.safetensors with numbers of a type. */
  public Path write(Path directory, String type) throws IOException {
    writeConfig(directory);
    Files.write(directory.resolve("model.safetensors"), SafeTensorsBytes.of(tensors, type));
    return directory;
  }
}

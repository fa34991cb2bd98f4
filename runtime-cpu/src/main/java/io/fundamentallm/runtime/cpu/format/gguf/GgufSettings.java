package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.math.BigDecimal;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The settings of a GGUF file under the keys of its family's config.json. */
final class GgufSettings {
  private final Family family;
  private final GgufKeys keys;
  private final TensorFiles files;
  private final String prefix;
  private final Map<String, @Nullable Object> settings;

  GgufSettings(Family family, GgufKeys keys, TensorFiles files) {
    this.family = family;
    this.keys = keys;
    this.files = files;
    prefix = family.gguf().architecture() + ".";
    settings = new LinkedHashMap<>(family.keys());
    settings.putAll(family.gguf().settings());
  }

  JsonObject read(int layers) throws IOException {
    refuse();
    int hiddenSize = keys.size(prefix + "embedding_length");
    int heads = keys.size(prefix + "attention.head_count");
    put("vocab_size", vocabularySize());
    put("max_position_embeddings", keys.size(prefix + "context_length"));
    put("hidden_size", hiddenSize);
    put("num_hidden_layers", layers);
    put("num_attention_heads", heads);
    putOrRequire("num_key_value_heads", "attention.head_count_kv", heads);
    int headSize = headSize(hiddenSize, heads);
    experts();
    boolean layerNorm = family.has(Trait.LAYER_NORM);
    String epsilon = layerNorm ? "layer_norm_epsilon" : "layer_norm_rms_epsilon";
    put("rms_norm_eps", keys.real(prefix + "attention." + epsilon));
    if (family.reads("use_parallel_residual")) {
      settings.put("use_parallel_residual", keys.flag(prefix + "use_parallel_residual"));
    }
    window();
    scales(hiddenSize / heads, headSize, layers);
    biases();
    settings.put(
        "tie_word_embeddings",
        !files.tensors().containsKey(family.ggufNames().of(Part.HEAD) + ".weight"));
    return JsonObject.of(files.place(), settings);
  }

  private void put(String usual, double value) {
    boolean whole = value == Math.rint(value) && Math.abs(value) < 1L << 53;
    BigDecimal number =
        whole ? BigDecimal.valueOf((long) value) : new BigDecimal(Float.toString((float) value));
    settings.put(family.key(usual), number);
  }

  /** A whole number that other families cannot set. */
  private void putOrRequire(String usual, String name, int neutral) throws IOException {
    if (family.reads(usual)) {
      put(usual, keys.size(prefix + name, neutral));
    } else {
      keys.require(prefix + name, neutral);
    }
  }

  /** A number that other families cannot set. */
  private void putOrRequire(String usual, String name, double neutral) throws IOException {
    if (family.reads(usual) && keys.has(prefix + name)) {
      put(usual, keys.real(prefix + name));
    } else if (!family.reads(usual)) {
      keys.require(prefix + name, neutral);
    }
  }

  private int headSize(int hiddenSize, int heads) throws IOException {
    String key = prefix + "attention.key_length";
    if (!keys.has(key) && hiddenSize % heads != 0) {
      throw keys.problem(
          hiddenSize + " channels are not a multiple of " + heads + " attention heads");
    }
    putOrRequire("head_dim", "attention.key_length", hiddenSize / heads);
    int headSize = keys.size(key, hiddenSize / heads);
    keys.require(prefix + "attention.value_length", headSize);
    return headSize;
  }

  /** The rows of the token embedding. The vocabulary, if there is one, must fit them. */
  private int vocabularySize() throws IOException {
    Tensor embedding = files.tensor(family.ggufNames().of(Part.EMBEDDING) + ".weight");
    long rows = embedding.dimensions() == 2 ? embedding.size(0) : -1;
    if (rows < 1 || rows > Integer.MAX_VALUE) {
      throw embedding.problem("is no token embedding of a possible size");
    }
    keys.require(prefix + "vocab_size", (double) rows);
    long tokens = keys.length("tokenizer.ggml.tokens");
    if (tokens >= 0 && tokens != rows) {
      throw embedding.problem(
          "has " + rows + " rows for the " + tokens + " of \"tokenizer.ggml.tokens\"");
    }
    return (int) rows;
  }

  /** Refuses what this runtime does not implement, unless its value changes nothing. */
  private void refuse() throws IOException {
    for (String name :
        new String[] {"attention.clamp_kqv", "attention.max_alibi_bias", "nextn_predict_layers"}) {
      keys.require(prefix + name, 0);
    }
    if (!keys.flag(prefix + "attention.causal", true)) {
      throw keys.problem(
          prefix + "attention.causal", "which this runtime does not implement; expected true");
    }
    // the first says how the weights were made, the second what to do with hidden states
    keys.text(prefix + "tensor_data_layout");
    keys.real(prefix + "pooling_type", 0);
  }

  private void experts() throws IOException {
    if (!family.names().has(Part.ROUTER)) {
      keys.require(prefix + "expert_count", 0);
      keys.require(prefix + "expert_used_count", 0);
      put("intermediate_size", keys.size(prefix + "feed_forward_length"));
      return;
    }
    put("num_experts", keys.size(prefix + "expert_count"));
    put("num_experts_per_tok", keys.size(prefix + "expert_used_count"));
    String all = prefix + "feed_forward_length";
    String each = prefix + "expert_feed_forward_length";
    if (family.reads("moe_intermediate_size")) {
      put("intermediate_size", keys.size(all, 1)); // of layers without experts
      put("moe_intermediate_size", keys.size(each));
    } else {
      put("intermediate_size", keys.has(each) ? keys.size(each) : keys.size(all));
      keys.size(all, 1); // the same, or that of all experts of a token
    }
    if (family.reads("shared_expert_intermediate_size")) {
      put(
          "shared_expert_intermediate_size",
          keys.size(prefix + "expert_shared_feed_forward_length"));
    }
  }

  private void window() throws IOException {
    String key = prefix + "attention.sliding_window";
    boolean some = family.reads("sliding_window_pattern"); // of the layers
    double context = keys.real(prefix + "context_length");
    double usual = some ? family.number("sliding_window", 0) : 0;
    double window = keys.real(key, usual);
    boolean none = window <= 0 || !some && window >= context;
    if (!none && (!family.reads("sliding_window") || family.reads("use_sliding_window"))) {
      throw keys.problem(
          key,
          "which this runtime does not implement for "
              + family.gguf().architecture()
              + "; expected none");
    }
    if (family.reads("sliding_window")) {
      settings.put("sliding_window", null);
      if (!none) {
        put("sliding_window", window);
      }
    }
    if (some) {
      put(
          "sliding_window_pattern",
          keys.size(
              prefix + "attention.sliding_window_pattern",
              (int) family.number("sliding_window_pattern", 1)));
    }
  }

  private void scales(int width, int headSize, int layers) throws IOException {
    putOrRequire("attn_logit_softcapping", "attn_logit_softcapping", 0.0);
    putOrRequire("final_logit_softcapping", "final_logit_softcapping", 0.0);
    putOrRequire("embedding_multiplier", "embedding_scale", 1.0);
    putOrRequire("residual_multiplier", "residual_scale", 1.0);
    putOrRequire("logits_scaling", "logit_scale", 1.0);
    putOrRequire("attention_multiplier", "attention.scale", 0.0);
    if (family.reads("attention_multiplier") && keys.real(prefix + "attention.scale", 0) == 0) {
      put("attention_multiplier", 1 / Math.sqrt(headSize));
    }
    if (family.reads("query_pre_attn_scalar")) {
      put("query_pre_attn_scalar", layers == family.gguf().wideLayers() ? width : headSize);
    }
  }

  /** Files say it by having them. */
  private void biases() {
    TensorNames names = family.ggufNames();
    boolean attention = has(names.of(Part.ATTENTION_OUT, 0) + ".bias");
    Part up = names.has(Part.GATE_UP) ? Part.GATE_UP : Part.UP;
    boolean inner = names.has(up) && has(names.of(up, 0) + ".bias");
    if (family.reads("qkv_bias")) {
      settings.put("qkv_bias", has(names.of(Part.QUERY, 0) + ".bias"));
    }
    for (String key : new String[] {"attention_bias", "use_bias"}) {
      if (family.reads(key)) {
        settings.put(key, attention);
      }
    }
    if (family.reads("mlp_bias")) {
      settings.put("mlp_bias", inner);
    }
  }

  private boolean has(String tensor) {
    return files.tensors().containsKey(tensor);
  }
}

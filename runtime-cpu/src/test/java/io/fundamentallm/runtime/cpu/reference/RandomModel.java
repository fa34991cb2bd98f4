package io.fundamentallm.runtime.cpu.reference;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/**
 * A tiny model with random weights, so large that every token and every setting shows in the
 * logits. The keys of its configuration are those that Hugging Face's libraries write. A tensor's
 * values depend on its name and shape alone.
 */
final class RandomModel {
  static final int VOCABULARY = 101;
  private static final int LAYERS = 3;
  private static final int CONTEXT = 160;

  private final Map<String, Object> config = new LinkedHashMap<>();
  private final Map<String, Tensor> tensors = new LinkedHashMap<>();

  private boolean cold;
  private boolean headTwice;
  private boolean oldFiles;

  private RandomModel(String architecture, String type) {
    set("architectures", List.of(architecture));
    set("model_type", type);
    set("torch_dtype", "float32");
    set("vocab_size", VOCABULARY);
    set("bos_token_id", 1);
    set("eos_token_id", 2);
    set("use_cache", true);
    set("initializer_range", 0.02);
  }

  /** Changes a key. */
  RandomModel set(String key, Object value) {
    config.put(key, value);
    return this;
  }

  /** Leaves a key out of the file. */
  RandomModel without(String... keys) {
    config.keySet().removeAll(Arrays.asList(keys));
    return this;
  }

  /**
   * Puts what the activation reads around -2.2. There the two forms of GELU lie furthest apart in
   * relation to their value, by one part in a hundred; elsewhere a wrong one would hardly show.
   */
  RandomModel cold() {
    cold = true;
    return this;
  }

  /** Stores tied embeddings once more as the head, as many files do. */
  RandomModel headTwice() {
    headTwice = true;
    return this;
  }

  /**
   * Stores what old files hold beside the weights, masks and frequencies; and gpt2's names without
   * the prefix that its published files lack.
   */
  RandomModel oldFiles() {
    oldFiles = true;
    return this;
  }

  static RandomModel gpt2() {
    return new RandomModel("GPT2LMHeadModel", "gpt2")
        .set("n_positions", CONTEXT)
        .set("n_ctx", CONTEXT)
        .set("n_embd", 48)
        .set("n_layer", LAYERS)
        .set("n_head", 4)
        .set("n_inner", null)
        .set("activation_function", "gelu_new")
        .set("layer_norm_epsilon", 1e-5)
        .set("embd_pdrop", 0.1)
        .set("attn_pdrop", 0.1)
        .set("resid_pdrop", 0.1)
        .set("scale_attn_weights", true)
        .set("scale_attn_by_inverse_layer_idx", false)
        .set("reorder_and_upcast_attn", false)
        .set("summary_type", "cls_index")
        .set("summary_use_proj", true)
        .set("tie_word_embeddings", true);
  }

  static RandomModel gptNeox() {
    return new RandomModel("GPTNeoXForCausalLM", "gpt_neox")
        .set("max_position_embeddings", CONTEXT)
        .set("hidden_size", 64)
        .set("num_hidden_layers", LAYERS)
        .set("num_attention_heads", 4)
        .set("intermediate_size", 104)
        .set("hidden_act", "gelu")
        .set("rotary_pct", 0.25)
        .set("rotary_emb_base", 10000)
        .set("attention_bias", true)
        .set("attention_dropout", 0.0)
        .set("hidden_dropout", 0.0)
        .set("classifier_dropout", 0.1)
        .set("layer_norm_eps", 1e-5)
        .set("rope_scaling", null)
        .set("use_parallel_residual", true)
        .set("tie_word_embeddings", false);
  }

  static RandomModel llama() {
    return llama("LlamaForCausalLM", "llama")
        .set("attention_bias", false)
        .set("mlp_bias", false)
        .set("pretraining_tp", 1);
  }

  static RandomModel mistral() {
    return llama("MistralForCausalLM", "mistral").set("sliding_window", null);
  }

  static RandomModel qwen2() {
    return llama("Qwen2ForCausalLM", "qwen2")
        .without("head_dim", "rope_scaling")
        .set("rope_theta", 1000000.0)
        .set("rms_norm_eps", 1e-6)
        .set("use_sliding_window", false)
        .set("sliding_window", 24)
        .set("max_window_layers", 21);
  }

  static RandomModel qwen3() {
    return qwen2()
        .set("architectures", List.of("Qwen3ForCausalLM"))
        .set("model_type", "qwen3")
        .set("head_dim", 20)
        .set("attention_bias", false)
        .set("rope_scaling", null)
        .set("sliding_window", null);
  }

  static RandomModel gemma2() {
    return llama("Gemma2ForCausalLM", "gemma2")
        .without("hidden_act", "rope_scaling")
        .set("hidden_activation", "gelu_pytorch_tanh")
        .set("query_pre_attn_scalar", 12)
        .set("attn_logit_softcapping", 2.0)
        .set("final_logit_softcapping", 3.0)
        .set("sliding_window", 24)
        .set("attention_bias", false)
        .set("tie_word_embeddings", true);
  }

  static RandomModel gemma3() {
    return gemma2()
        .set("architectures", List.of("Gemma3ForCausalLM"))
        .set("model_type", "gemma3_text")
        .set("attn_logit_softcapping", null)
        .set("final_logit_softcapping", null)
        .set("num_hidden_layers", 7)
        .set("rope_scaling", Scalings.scaling("linear", "factor", 4.0))
        .set("rope_local_base_freq", 100.0);
  }

  static RandomModel phi3() {
    return llama("Phi3ForCausalLM", "phi3")
        .set("original_max_position_embeddings", CONTEXT)
        .set("partial_rotary_factor", 1.0)
        .set("sliding_window", null);
  }

  static RandomModel smollm3() {
    return llama("SmolLM3ForCausalLM", "smollm3")
        .without("head_dim")
        .set("num_hidden_layers", 4)
        .set("use_sliding_window", false)
        .set("sliding_window", null)
        .set("attention_bias", false)
        .set("mlp_bias", false)
        .set("tie_word_embeddings", true);
  }

  static RandomModel olmo2() {
    return llama("Olmo2ForCausalLM", "olmo2").without("head_dim").set("attention_bias", false);
  }

  static RandomModel granite() {
    return llama("GraniteForCausalLM", "granite")
        .without("head_dim")
        .set("attention_bias", false)
        .set("mlp_bias", false)
        .set("embedding_multiplier", 3.0)
        .set("attention_multiplier", 0.15)
        .set("residual_multiplier", 0.4)
        .set("logits_scaling", 1.75);
  }

  static RandomModel starcoder2() {
    return llama("Starcoder2ForCausalLM", "starcoder2")
        .without("head_dim", "rms_norm_eps", "rope_scaling")
        .set("hidden_act", "gelu_pytorch_tanh")
        .set("norm_epsilon", 1e-5)
        .set("sliding_window", null)
        .set("use_bias", true)
        .set("tie_word_embeddings", true);
  }

  static RandomModel mixtral() {
    return llama("MixtralForCausalLM", "mixtral")
        .without("head_dim")
        .set("sliding_window", null)
        .set("num_local_experts", 5)
        .set("num_experts_per_tok", 2);
  }

  static RandomModel qwen2Moe() {
    return llama("Qwen2MoeForCausalLM", "qwen2_moe")
        .without("head_dim")
        .set("num_experts", 7)
        .set("num_experts_per_tok", 3)
        .set("norm_topk_prob", false)
        .set("decoder_sparse_step", 1)
        .set("mlp_only_layers", List.of())
        .set("moe_intermediate_size", 24)
        .set("shared_expert_intermediate_size", 56)
        .set("use_sliding_window", false)
        .set("sliding_window", 4096);
  }

  static RandomModel qwen3Moe() {
    return qwen2Moe()
        .without("shared_expert_intermediate_size")
        .set("architectures", List.of("Qwen3MoeForCausalLM"))
        .set("model_type", "qwen3_moe")
        .set("head_dim", 16)
        .set("norm_topk_prob", true);
  }

  static RandomModel gptOss() {
    return llama("GptOssForCausalLM", "gpt_oss")
        .set("sliding_window", 24)
        .set("attention_bias", true)
        .set("num_local_experts", 5)
        .set("num_experts_per_tok", 2)
        .set("swiglu_limit", 7.0)
        .set(
            "rope_scaling",
            Scalings.scaling("yarn", "factor", 4.0, "original_max_position_embeddings", 40));
  }

  private static RandomModel llama(String architecture, String type) {
    return new RandomModel(architecture, type)
        .set("max_position_embeddings", CONTEXT)
        .set("hidden_size", 48)
        .set("num_hidden_layers", LAYERS)
        .set("num_attention_heads", 4)
        .set("num_key_value_heads", 2)
        .set("head_dim", 12)
        .set("intermediate_size", 40)
        .set("hidden_act", "silu")
        .set("rms_norm_eps", 1e-5)
        .set("rope_theta", 10000.0)
        .set("rope_scaling", null)
        .set("attention_dropout", 0.0)
        .set("tie_word_embeddings", false);
  }

  /** The model, with weights for what its settings ask for. */
  HuggingFaceModel build() {
    HuggingFaceModel model = new HuggingFaceModel(config, Map.of());
    switch ((String) config.get("model_type")) {
      case "gpt2" -> gpt2Tensors(model);
      case "gpt_neox" -> gptNeoxTensors(model);
      default -> llamaTensors(model);
    }
    if (cold) {
      tensors.forEach(RandomModel::cool);
    }
    if (headTwice) {
      boolean gpt2 = config.get("model_type").equals("gpt2");
      String embedding = gpt2 ? "transformer.wte.weight" : "model.embed_tokens.weight";
      tensors.put("lm_head.weight", tensors.get(embedding));
    }
    return new HuggingFaceModel(config, oldFiles ? asInOldFiles() : tensors);
  }

  private Map<String, Tensor> asInOldFiles() {
    Map<String, Tensor> old = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> old.put(name.replaceFirst("^transformer\\.", ""), tensor));
    Tensor mask = new Tensor(new int[] {1, 1, 5, 5}, new float[25]);
    Tensor frequencies = new Tensor(new int[] {2}, new float[2]);
    for (int layer = 0; layer < LAYERS; layer++) {
      switch ((String) config.get("model_type")) {
        case "gpt2" -> old.put("h." + layer + ".attn.bias", mask);
        case "gpt_neox" -> {
          String h = "gpt_neox.layers." + layer + ".attention.";
          old.put(h + "bias", mask);
          old.put(h + "masked_bias", new Tensor(new int[0], new float[1]));
          old.put(h + "rotary_emb.inv_freq", frequencies);
        }
        default -> old.put("model.layers." + layer + ".self_attn.rotary_emb.inv_freq", frequencies);
      }
    }
    return old;
  }

  private static void cool(String name, Tensor tensor) {
    for (int i = 0; i < tensor.values().length; i++) {
      if (name.matches(".*mlp\\.(c_fc|dense_h_to_4h)\\.weight")) {
        tensor.values()[i] *= 0.3f;
      } else if (name.matches(".*mlp\\.(c_fc|dense_h_to_4h)\\.bias")) {
        tensor.values()[i] -= 2.2f;
      } else if (name.matches(".*mlp\\.(c_proj|dense_4h_to_h)\\.weight")) {
        tensor.values()[i] *= 20;
      }
    }
  }

  private void gpt2Tensors(HuggingFaceModel m) {
    int channels = m.size("n_embd");
    int inner = m.size("n_inner", 4 * channels);
    random("transformer.wte.weight", 0.3, VOCABULARY, channels);
    random("transformer.wpe.weight", 0.3, m.size("n_positions"), channels);
    for (int layer = 0; layer < m.size("n_layer"); layer++) {
      String h = "transformer.h." + layer + ".";
      norm(h + "ln_1", channels, true);
      conv1d(h + "attn.c_attn", channels, 3 * channels);
      conv1d(h + "attn.c_proj", channels, channels);
      norm(h + "ln_2", channels, true);
      conv1d(h + "mlp.c_fc", channels, inner);
      conv1d(h + "mlp.c_proj", inner, channels);
    }
    norm("transformer.ln_f", channels, true);
    if (!m.flag("tie_word_embeddings", true)) {
      random("lm_head.weight", 0.3, VOCABULARY, channels);
    }
  }

  private void gptNeoxTensors(HuggingFaceModel m) {
    int channels = m.size("hidden_size");
    int inner = m.size("intermediate_size");
    boolean bias = m.flag("attention_bias", true);
    random("gpt_neox.embed_in.weight", 0.3, VOCABULARY, channels);
    for (int layer = 0; layer < m.size("num_hidden_layers"); layer++) {
      String h = "gpt_neox.layers." + layer + ".";
      norm(h + "input_layernorm", channels, true);
      norm(h + "post_attention_layernorm", channels, true);
      linear(h + "attention.query_key_value", channels, 3 * channels, bias);
      linear(h + "attention.dense", channels, channels, bias);
      linear(h + "mlp.dense_h_to_4h", channels, inner, true);
      linear(h + "mlp.dense_4h_to_h", inner, channels, true);
    }
    norm("gpt_neox.final_layer_norm", channels, true);
    if (!m.flag("tie_word_embeddings", false)) {
      random("embed_out.weight", 0.3, VOCABULARY, channels);
    }
  }

  private void llamaTensors(HuggingFaceModel m) {
    String type = m.text("model_type", "none");
    int channels = m.size("hidden_size");
    int inner = m.size("intermediate_size");
    int heads = m.size("num_attention_heads");
    int keyValueHeads = m.size("num_key_value_heads", heads);
    int headSize = m.size("head_dim", channels / heads);
    boolean all = m.flag("use_bias", false);
    boolean outBias = all || m.flag("attention_bias", false);
    boolean bias = outBias || type.startsWith("qwen2");
    boolean mlpBias = m.flag("mlp_bias", false);
    boolean gemma = type.startsWith("gemma");
    boolean layerNorm = type.equals("starcoder2");
    boolean olmo = type.equals("olmo2");
    random("model.embed_tokens.weight", 0.3, VOCABULARY, channels);
    for (int layer = 0; layer < m.size("num_hidden_layers"); layer++) {
      String h = "model.layers." + layer + ".";
      if (!olmo) {
        norm(h + "input_layernorm", channels, layerNorm);
      }
      if (type.equals("phi3")) {
        linear(h + "self_attn.qkv_proj", channels, (heads + 2 * keyValueHeads) * headSize, false);
      } else {
        linear(h + "self_attn.q_proj", channels, heads * headSize, bias);
        linear(h + "self_attn.k_proj", channels, keyValueHeads * headSize, bias);
        linear(h + "self_attn.v_proj", channels, keyValueHeads * headSize, bias);
      }
      linear(h + "self_attn.o_proj", heads * headSize, channels, outBias);
      if (type.startsWith("qwen3") || type.equals("gemma3_text")) {
        norm(h + "self_attn.q_norm", headSize, false);
        norm(h + "self_attn.k_norm", headSize, false);
      } else if (olmo) {
        norm(h + "self_attn.q_norm", heads * headSize, false);
        norm(h + "self_attn.k_norm", keyValueHeads * headSize, false);
      }
      norm(h + "post_attention_layernorm", channels, layerNorm);
      if (gemma) {
        norm(h + "pre_feedforward_layernorm", channels, false);
      }
      if (gemma || olmo) {
        norm(h + "post_feedforward_layernorm", channels, false);
      }
      boolean dense = Experts.has(m) && !Experts.in(m, layer);
      switch (dense ? "llama" : type) {
        case "starcoder2" -> {
          linear(h + "mlp.c_fc", channels, inner, all);
          linear(h + "mlp.c_proj", inner, channels, all);
        }
        case "phi3" -> {
          linear(h + "mlp.gate_up_proj", channels, 2 * inner, false);
          linear(h + "mlp.down_proj", inner, channels, false);
        }
        case "gpt_oss" -> {
          random(h + "self_attn.sinks", 1, heads);
          int count = Experts.count(m);
          linear(h + "mlp.router", channels, count, true);
          double deviation = 2.6 / Math.sqrt(channels); // so that gates reach their limit
          random(h + "mlp.experts.gate_up_proj", deviation, count, channels, 2 * inner);
          random(h + "mlp.experts.gate_up_proj_bias", 3, count, 2 * inner);
          random(h + "mlp.experts.down_proj", 0.3 / Math.sqrt(inner), count, inner, channels);
          random(h + "mlp.experts.down_proj_bias", 0.3, count, channels);
        }
        case "mixtral" -> experts(h + "block_sparse_moe.", m, inner, "w1", "w3", "w2");
        case "qwen2_moe", "qwen3_moe" -> {
          int own = m.size("moe_intermediate_size");
          experts(h + "mlp.", m, own, "gate_proj", "up_proj", "down_proj");
          int shared = m.size("shared_expert_intermediate_size", 0);
          if (shared > 0) {
            linear(h + "mlp.shared_expert_gate", channels, 1, false);
            expert(h + "mlp.shared_expert.", channels, shared, "gate_proj", "up_proj", "down_proj");
          }
        }
        default -> {
          linear(h + "mlp.gate_proj", channels, inner, mlpBias);
          linear(h + "mlp.up_proj", channels, inner, mlpBias);
          linear(h + "mlp.down_proj", inner, channels, mlpBias);
        }
      }
    }
    norm("model.norm", channels, layerNorm);
    if (gemma) {
      tensors.replaceAll((name, t) -> name.contains("norm") ? t.plus(-1) : t);
    }
    if (!m.flag("tie_word_embeddings", false)) {
      random("lm_head.weight", 0.3, VOCABULARY, channels);
    }
  }

  private void experts(String h, HuggingFaceModel m, int inner, String... names) {
    int channels = m.size("hidden_size");
    linear(h + "gate", channels, Experts.count(m), false);
    for (int e = 0; e < Experts.count(m); e++) {
      expert(h + "experts." + e + ".", channels, inner, names);
    }
  }

  private void expert(String h, int channels, int inner, String... names) {
    linear(h + names[0], channels, inner, false);
    linear(h + names[1], channels, inner, false);
    linear(h + names[2], inner, channels, false);
  }

  private void norm(String name, int channels, boolean bias) {
    Tensor around = random(name + ".weight", 0.3, channels);
    for (int c = 0; c < channels; c++) {
      around.values()[c] += 1;
    }
    if (bias) {
      random(name + ".bias", 0.3, channels);
    }
  }

  private void linear(String name, int inputs, int outputs, boolean bias) {
    random(name + ".weight", 1.3 / Math.sqrt(inputs), outputs, inputs);
    if (bias) {
      random(name + ".bias", 0.3, outputs);
    }
  }

  private void conv1d(String name, int inputs, int outputs) {
    random(name + ".weight", 1.3 / Math.sqrt(inputs), inputs, outputs);
    random(name + ".bias", 0.3, outputs);
  }

  private Tensor random(String name, double deviation, int... shape) {
    Random random = new Random(name.hashCode());
    float[] values = new float[Arrays.stream(shape).reduce(1, (a, b) -> a * b)];
    for (int i = 0; i < values.length; i++) {
      values[i] = (float) (deviation * random.nextGaussian());
    }
    Tensor tensor = new Tensor(shape, values);
    tensors.put(name, tensor);
    return tensor;
  }
}

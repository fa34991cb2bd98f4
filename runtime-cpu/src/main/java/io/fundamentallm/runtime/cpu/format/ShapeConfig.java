package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * config.json, with the keys of Hugging Face transformers, for a model whose files have another
 * format. It covers what GGUF files can hold.
 *
 * @param spec the model's shape
 * @param weights show which layers have biases
 * @param tokens the tokens that begin and end a text
 */
record ShapeConfig(ModelSpec spec, ModelWeights weights, BoundaryTokens tokens) {
  private static final Map<String, String> CLASSES =
      Map.of(
          "gpt2", "GPT2LMHeadModel",
          "gpt_neox", "GPTNeoXForCausalLM",
          "llama", "LlamaForCausalLM",
          "mistral", "MistralForCausalLM",
          "qwen2", "Qwen2ForCausalLM",
          "qwen3", "Qwen3ForCausalLM");

  /** The fields of the file. */
  Map<String, @Nullable Object> fields() throws IOException {
    TransformerConfig config = spec.config();
    int window = config.windows().get(0);
    // llama.cpp has one name for both
    String type =
        window > 0 && config.architecture().equals("llama") ? "mistral" : config.architecture();
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("architectures", List.of(CLASSES.getOrDefault(type, type)));
    fields.put("model_type", type);
    fields.put("vocab_size", config.vocabularySize());
    if (type.equals("gpt2")) {
      gpt2(fields, config);
    } else {
      rotary(fields, config, type);
      if (type.equals("mistral")) {
        fields.put("sliding_window", window);
      }
    }
    fields.put("tie_word_embeddings", spec.architecture().tied());
    fields.putAll(tokens.fields());
    fields.put("torch_dtype", "float32");
    return fields;
  }

  private static void gpt2(Map<String, @Nullable Object> fields, TransformerConfig config) {
    fields.put("n_positions", config.contextLength());
    fields.put("n_ctx", config.contextLength());
    fields.put("n_embd", config.hiddenSize());
    fields.put("n_layer", config.layers());
    fields.put("n_head", config.heads());
    fields.put("n_inner", config.innerSize());
    fields.put("activation_function", name(config.activation()));
    fields.put("layer_norm_epsilon", config.normEpsilon());
  }

  private void rotary(Map<String, @Nullable Object> fields, TransformerConfig config, String type)
      throws IOException {
    boolean neox = type.equals("gpt_neox");
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", config.hiddenSize());
    fields.put("intermediate_size", config.innerSize());
    fields.put("num_hidden_layers", config.layers());
    fields.put("num_attention_heads", config.heads());
    fields.put("hidden_act", name(config.activation()));
    fields.put(neox ? "layer_norm_eps" : "rms_norm_eps", config.normEpsilon());
    ModelWeights.Layer layer = weights.layer(0);
    if (neox) {
      fields.put("use_parallel_residual", config.parallelResidual());
      fields.put("attention_bias", layer.queryKeyValue().bias() != null);
    } else {
      fields.put("num_key_value_heads", config.keyValueHeads());
      fields.put("head_dim", config.headSize());
      fields.put("attention_bias", layer.attentionOut().bias() != null);
      fields.put("mlp_bias", layer.up().bias() != null);
    }
    Rotary rotary = config.rotary();
    if (rotary != null) {
      fields.put(neox ? "rotary_emb_base" : "rope_theta", rotary.theta());
      if (neox) {
        fields.put("rotary_pct", (double) rotary.dimensions() / config.headSize());
      }
      fields.put("rope_scaling", scaling(rotary.scaling()));
    }
  }

  /**
   * Divisors for each frequency are called longrope in transformers; they apply to both of its
   * lengths.
   */
  private static @Nullable Map<String, Object> scaling(Rotary.Scaling scaling) {
    Map<String, Object> fields = new LinkedHashMap<>();
    if (scaling instanceof Rotary.Linear linear) {
      fields.put("rope_type", "linear");
      fields.put("factor", linear.factor());
    } else if (scaling instanceof Rotary.Yarn yarn) {
      fields.put("rope_type", "yarn");
      fields.put("factor", yarn.factor());
      fields.put("original_max_position_embeddings", yarn.trainedContext());
      fields.put("beta_fast", yarn.betaFast());
      fields.put("beta_slow", yarn.betaSlow());
      fields.put("attention_factor", yarn.attentionFactor());
      fields.put("truncate", yarn.truncate());
    } else if (scaling instanceof Rotary.Divided divided) {
      fields.put("rope_type", "longrope");
      fields.put("short_factor", divided.divisors());
      fields.put("long_factor", divided.divisors());
      fields.put("attention_factor", 1.0);
    } else {
      return null;
    }
    return fields;
  }

  /** As transformers calls it. */
  private static String name(Activation activation) {
    return activation == Activation.GELU_TANH
        ? "gelu_new"
        : activation.name().toLowerCase(Locale.ROOT);
  }
}

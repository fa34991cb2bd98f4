package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** The contents of config.json and generation_config.json for a trained model. */
public final class ConfigWriter {
  private ConfigWriter() {}

  /** The fields of config.json. */
  public static Map<String, @Nullable Object> config(
      TrainableConfig config, BoundaryTokens tokens) {
    Map<String, @Nullable Object> fields = config.hasPositionTable() ? gpt2(config) : llama(config);
    fields.putAll(tokens.fields());
    fields.put("torch_dtype", "float32");
    return fields;
  }

  /**
   * The fields of generation_config.json. They ask transformers to sample from this model as it is,
   * which is not its default.
   */
  public static Map<String, @Nullable Object> generation(BoundaryTokens tokens) {
    Map<String, @Nullable Object> fields = tokens.fields();
    fields.put("do_sample", true);
    fields.put("top_k", 0);
    return fields;
  }

  private static Map<String, @Nullable Object> gpt2(TrainableConfig config) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("architectures", List.of("GPT2LMHeadModel"));
    fields.put("model_type", "gpt2");
    fields.put("vocab_size", config.vocabularySize());
    fields.put("n_positions", config.contextLength());
    fields.put("n_ctx", config.contextLength());
    fields.put("n_embd", config.hiddenSize());
    fields.put("n_layer", config.layers());
    fields.put("n_head", config.heads());
    boolean isDefault = config.innerSize() == 4 * config.hiddenSize();
    fields.put("n_inner", isDefault ? null : config.innerSize());
    fields.put("activation_function", "gelu_new");
    fields.put("layer_norm_epsilon", config.normEpsilon());
    fields.put("initializer_range", 0.02);
    fields.put("embd_pdrop", 0.0);
    fields.put("attn_pdrop", 0.0);
    fields.put("resid_pdrop", 0.0);
    fields.put("scale_attn_weights", true);
    fields.put("tie_word_embeddings", true);
    return fields;
  }

  private static Map<String, @Nullable Object> llama(TrainableConfig config) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("architectures", List.of("LlamaForCausalLM"));
    fields.put("model_type", "llama");
    fields.put("vocab_size", config.vocabularySize());
    fields.put("max_position_embeddings", config.contextLength());
    fields.put("hidden_size", config.hiddenSize());
    fields.put("intermediate_size", config.innerSize());
    fields.put("num_hidden_layers", config.layers());
    fields.put("num_attention_heads", config.heads());
    fields.put("num_key_value_heads", config.keyValueHeads());
    fields.put("head_dim", config.headSize());
    fields.put("hidden_act", "silu");
    fields.put("rms_norm_eps", config.normEpsilon());
    Rotary rotary = config.rotary();
    fields.put("rope_theta", rotary == null ? TrainableConfig.DEFAULT_THETA : rotary.theta());
    fields.put("rope_scaling", null);
    fields.put("initializer_range", 0.02);
    fields.put("attention_dropout", 0.0);
    fields.put("attention_bias", false);
    fields.put("mlp_bias", false);
    fields.put("tie_word_embeddings", config.tied());
    return fields;
  }
}

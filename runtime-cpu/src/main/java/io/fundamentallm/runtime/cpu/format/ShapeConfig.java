package io.fundamentallm.runtime.cpu.format;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.runtime.cpu.format.json.ConfigFiles;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.TextEnds;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.Locale;
import java.util.Map;

/**
 * The config.json, with the keys of Hugging Face transformers, of a model whose files are of
 * another kind: what GGUF files can hold.
 *
 * @param spec the model's shape
 * @param weights tell which layers have biases
 * @param ends the tokens between which a text stands
 */
record ShapeConfig(ModelSpec spec, ModelWeights weights, TextEnds ends) {
  private static final Map<String, String> CLASSES =
      Map.of(
          "gpt2", "GPT2LMHeadModel",
          "gpt_neox", "GPTNeoXForCausalLM",
          "llama", "LlamaForCausalLM",
          "mistral", "MistralForCausalLM",
          "qwen2", "Qwen2ForCausalLM",
          "qwen3", "Qwen3ForCausalLM");

  /** Writes the fields. */
  void writeTo(JsonGenerator json) throws IOException {
    TransformerConfig config = spec.config();
    int window = config.windows().get(0);
    // llama.cpp has one name for both
    String type =
        window > 0 && config.architecture().equals("llama") ? "mistral" : config.architecture();
    json.writeFieldName("architectures");
    json.writeArray(new String[] {CLASSES.getOrDefault(type, type)}, 0, 1);
    json.writeStringField("model_type", type);
    json.writeNumberField("vocab_size", config.vocabularySize());
    if (type.equals("gpt2")) {
      gpt2(json, config);
    } else {
      rotary(json, config, type);
      if (type.equals("mistral")) {
        json.writeNumberField("sliding_window", window);
      }
    }
    json.writeBooleanField("tie_word_embeddings", spec.architecture().tied());
    ConfigFiles.writeTokens(json, ends.begin(), ends.end());
    json.writeStringField("torch_dtype", "float32");
  }

  private static void gpt2(JsonGenerator json, TransformerConfig config) throws IOException {
    json.writeNumberField("n_positions", config.contextLength());
    json.writeNumberField("n_ctx", config.contextLength());
    json.writeNumberField("n_embd", config.hiddenSize());
    json.writeNumberField("n_layer", config.layers());
    json.writeNumberField("n_head", config.heads());
    json.writeNumberField("n_inner", config.innerSize());
    json.writeStringField("activation_function", name(config.activation()));
    json.writeNumberField("layer_norm_epsilon", config.normEpsilon());
  }

  private void rotary(JsonGenerator json, TransformerConfig config, String type)
      throws IOException {
    boolean neox = type.equals("gpt_neox");
    json.writeNumberField("max_position_embeddings", config.contextLength());
    json.writeNumberField("hidden_size", config.hiddenSize());
    json.writeNumberField("intermediate_size", config.innerSize());
    json.writeNumberField("num_hidden_layers", config.layers());
    json.writeNumberField("num_attention_heads", config.heads());
    json.writeStringField("hidden_act", name(config.activation()));
    json.writeNumberField(neox ? "layer_norm_eps" : "rms_norm_eps", config.normEpsilon());
    ModelWeights.Layer layer = weights.layer(0);
    if (neox) {
      json.writeBooleanField("use_parallel_residual", config.parallelResidual());
      json.writeBooleanField("attention_bias", layer.queryKeyValue().bias() != null);
    } else {
      json.writeNumberField("num_key_value_heads", config.keyValueHeads());
      json.writeNumberField("head_dim", config.headSize());
      json.writeBooleanField("attention_bias", layer.attentionOut().bias() != null);
      json.writeBooleanField("mlp_bias", layer.up().bias() != null);
    }
    Rotary rotary = config.rotary();
    if (rotary != null) {
      json.writeNumberField(neox ? "rotary_emb_base" : "rope_theta", rotary.theta());
      if (neox) {
        json.writeNumberField("rotary_pct", (double) rotary.dimensions() / config.headSize());
      }
      json.writeFieldName("rope_scaling");
      scaling(json, rotary.scaling());
    }
  }

  /** Divisors for each frequency are what transformers calls longrope, for both of its lengths. */
  private static void scaling(JsonGenerator json, Rotary.Scaling scaling) throws IOException {
    if (scaling instanceof Rotary.Linear linear) {
      json.writeStartObject();
      json.writeStringField("rope_type", "linear");
      json.writeNumberField("factor", linear.factor());
      json.writeEndObject();
    } else if (scaling instanceof Rotary.Yarn yarn) {
      json.writeStartObject();
      json.writeStringField("rope_type", "yarn");
      json.writeNumberField("factor", yarn.factor());
      json.writeNumberField("original_max_position_embeddings", yarn.trainedContext());
      json.writeNumberField("beta_fast", yarn.betaFast());
      json.writeNumberField("beta_slow", yarn.betaSlow());
      json.writeNumberField("attention_factor", yarn.attentionFactor());
      json.writeBooleanField("truncate", yarn.truncate());
      json.writeEndObject();
    } else if (scaling instanceof Rotary.Divided divided) {
      json.writeStartObject();
      json.writeStringField("rope_type", "longrope");
      for (String length : new String[] {"short_factor", "long_factor"}) {
        json.writeArrayFieldStart(length);
        for (float divisor : divided.divisors()) {
          json.writeNumber(divisor);
        }
        json.writeEndArray();
      }
      json.writeNumberField("attention_factor", 1.0);
      json.writeEndObject();
    } else {
      json.writeNull();
    }
  }

  /** As transformers calls it. */
  private static String name(Activation activation) {
    return activation == Activation.GELU_TANH
        ? "gelu_new"
        : activation.name().toLowerCase(Locale.ROOT);
  }
}

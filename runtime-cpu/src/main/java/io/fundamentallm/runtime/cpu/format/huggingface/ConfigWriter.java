package io.fundamentallm.runtime.cpu.format.huggingface;

import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.runtime.cpu.format.json.ConfigFiles;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;

/**
 * Writes config.json and generation_config.json with the keys of Hugging Face transformers.
 *
 * @param config sizes
 * @param begin the token that begins a text
 * @param end the tokens that end a text
 */
public record ConfigWriter(TrainableConfig config, OptionalInt begin, Set<Integer> end)
    implements ConfigFiles {
  @Override
  public void writeConfig(Path file) throws IOException {
    ConfigFiles.write(file, config.isLlama() ? this::llama : this::gpt2);
  }

  /**
   * Says that this model is to be sampled from as it is, which transformers would not do unasked.
   */
  @Override
  public void writeGenerationConfig(Path file) throws IOException {
    ConfigFiles.write(
        file,
        json -> {
          ConfigFiles.writeTokens(json, begin, end);
          json.writeBooleanField("do_sample", true);
          json.writeNumberField("top_k", 0);
        });
  }

  private void gpt2(JsonGenerator json) throws IOException {
    json.writeFieldName("architectures");
    json.writeArray(new String[] {"GPT2LMHeadModel"}, 0, 1);
    json.writeStringField("model_type", "gpt2");
    json.writeNumberField("vocab_size", config.vocabularySize());
    json.writeNumberField("n_positions", config.contextLength());
    json.writeNumberField("n_ctx", config.contextLength());
    json.writeNumberField("n_embd", config.hiddenSize());
    json.writeNumberField("n_layer", config.layers());
    json.writeNumberField("n_head", config.heads());
    if (config.innerSize() == 4 * config.hiddenSize()) {
      json.writeNullField("n_inner");
    } else {
      json.writeNumberField("n_inner", config.innerSize());
    }
    json.writeStringField("activation_function", "gelu_new");
    json.writeNumberField("layer_norm_epsilon", config.normEpsilon());
    json.writeNumberField("initializer_range", 0.02);
    json.writeNumberField("embd_pdrop", 0.0);
    json.writeNumberField("attn_pdrop", 0.0);
    json.writeNumberField("resid_pdrop", 0.0);
    json.writeBooleanField("scale_attn_weights", true);
    json.writeBooleanField("tie_word_embeddings", true);
    ConfigFiles.writeTokens(json, begin, end);
    json.writeStringField("torch_dtype", "float32");
  }

  private void llama(JsonGenerator json) throws IOException {
    json.writeFieldName("architectures");
    json.writeArray(new String[] {"LlamaForCausalLM"}, 0, 1);
    json.writeStringField("model_type", "llama");
    json.writeNumberField("vocab_size", config.vocabularySize());
    json.writeNumberField("max_position_embeddings", config.contextLength());
    json.writeNumberField("hidden_size", config.hiddenSize());
    json.writeNumberField("intermediate_size", config.innerSize());
    json.writeNumberField("num_hidden_layers", config.layers());
    json.writeNumberField("num_attention_heads", config.heads());
    json.writeNumberField("num_key_value_heads", config.keyValueHeads());
    json.writeNumberField("head_dim", config.headSize());
    json.writeStringField("hidden_act", "silu");
    json.writeNumberField("rms_norm_eps", config.normEpsilon());
    json.writeNumberField("rope_theta", config.ropeTheta());
    json.writeNullField("rope_scaling");
    json.writeNumberField("initializer_range", 0.02);
    json.writeNumberField("attention_dropout", 0.0);
    json.writeBooleanField("attention_bias", false);
    json.writeBooleanField("mlp_bias", false);
    json.writeBooleanField("tie_word_embeddings", config.tied());
    ConfigFiles.writeTokens(json, begin, end);
    json.writeStringField("torch_dtype", "float32");
  }
}

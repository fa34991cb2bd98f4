package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.util.Collections;

/** The settings of transformers' GPT2Config. */
final class Gpt2Settings {
  private Gpt2Settings() {}

  static ModelSpec read(JsonObject json, TensorFiles files) throws IOException {
    json.require("scale_attn_weights", "true");
    json.require("scale_attn_by_inverse_layer_idx", "false");
    json.require("add_cross_attention", "false");
    int hiddenSize = json.firstSize("n_embd", "hidden_size").orElse(768);
    int heads = json.firstSize("n_head", "num_attention_heads").orElse(12);
    int layers = files.requireLayers(json.firstSize("n_layer", "num_hidden_layers").orElse(12));
    TransformerConfig config =
        new TransformerConfig(
            "gpt2",
            json.size("vocab_size", 50_257),
            ModelSettings.contextLength(json).orElseThrow(),
            hiddenSize,
            layers,
            heads,
            heads,
            HuggingFaceConfig.evenHeadSize(json, hiddenSize, heads),
            json.has("n_inner") ? json.size("n_inner") : Math.multiplyExact(4, hiddenSize),
            false,
            (float) json.real("layer_norm_epsilon", 1e-5),
            HuggingFaceConfig.activation(json, "activation_function", Activation.GELU_TANH),
            false,
            false,
            false,
            null,
            Collections.nCopies(layers, 0));
    return new ModelSpec(
        config,
        new Architecture(
            TensorNames.GPT2,
            true,
            HeadOrder.PLAIN,
            Bias.REQUIRED,
            Bias.REQUIRED,
            Bias.REQUIRED,
            json.flag("tie_word_embeddings", true)));
  }
}

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

/** The settings of transformers' GPTNeoXConfig. */
final class GptNeoXSettings {
  private GptNeoXSettings() {}

  static ModelSpec read(JsonObject json, TensorFiles files) throws IOException {
    int hiddenSize = json.size("hidden_size", 6144);
    int heads = json.size("num_attention_heads", 64);
    int headSize = HuggingFaceConfig.evenHeadSize(json, hiddenSize, heads);
    int layers = files.requireLayers(json.size("num_hidden_layers", 44));
    RopeSettings rope =
        RopeSettings.of(json, headSize, ModelSettings.contextLength(json).orElseThrow(), 0.25);
    TransformerConfig config =
        new TransformerConfig(
            "gpt_neox",
            json.size("vocab_size", 50_432),
            rope.contextLength(),
            hiddenSize,
            layers,
            heads,
            heads,
            headSize,
            json.size("intermediate_size", 24_576),
            false,
            (float) json.real("layer_norm_eps", 1e-5),
            HuggingFaceConfig.activation(json, "hidden_act", Activation.GELU),
            false,
            json.flag("use_parallel_residual", true),
            false,
            rope.rotary(),
            Collections.nCopies(layers, 0));
    Bias attentionBias = Bias.of(json.flag("attention_bias", true));
    return new ModelSpec(
        config,
        new Architecture(
            TensorNames.GPT_NEOX,
            false,
            HeadOrder.TOGETHER,
            attentionBias,
            attentionBias,
            Bias.REQUIRED,
            json.flag("tie_word_embeddings", false)));
  }
}

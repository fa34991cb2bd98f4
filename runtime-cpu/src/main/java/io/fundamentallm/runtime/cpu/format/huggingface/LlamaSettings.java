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
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;

/**
 * The settings of transformers' LlamaConfig, MistralConfig, Qwen2Config and Qwen3Config, which
 * differ little.
 */
final class LlamaSettings {
  private static final String SLIDING = "sliding_attention";
  private static final String FULL = "full_attention";

  /** The defaults of one model type for what {@code config.json} leaves out. */
  private record Defaults(int vocabularySize, int innerSize, int keyValueHeads) {}

  private LlamaSettings() {}

  private static Defaults defaults(String type) {
    return switch (type) {
      case "mistral" -> new Defaults(32_000, 14_336, 8);
      case "qwen2", "qwen3" -> new Defaults(151_936, 22_016, 32);
      default -> new Defaults(32_000, 11_008, 0);
    };
  }

  static ModelSpec read(JsonObject json, TensorFiles files) throws IOException {
    String type = String.valueOf(json.text("model_type"));
    boolean qwen = type.startsWith("qwen");
    boolean qwen3 = type.equals("qwen3");
    Defaults defaults = defaults(type);
    int hiddenSize = json.size("hidden_size", 4096);
    int heads = json.size("num_attention_heads", 32);
    int layers = files.requireLayers(json.size("num_hidden_layers", 32));
    int headSize =
        json.has("head_dim")
            ? json.size("head_dim")
            : qwen3 ? 128 : HuggingFaceConfig.evenHeadSize(json, hiddenSize, heads);
    int context = ModelSettings.contextLength(json).orElseThrow();
    RopeSettings rope = RopeSettings.of(json, headSize, context, 1);
    if (rope.rotary().dimensions() != headSize) {
      throw json.problem(
          "partial_rotary_factor makes "
              + rope.rotary().dimensions()
              + " of "
              + headSize
              + " channels turn, which model_type "
              + type
              + " does not implement; expected 1");
    }
    TransformerConfig config =
        new TransformerConfig(
            type,
            json.size("vocab_size", defaults.vocabularySize),
            rope.contextLength(),
            hiddenSize,
            layers,
            heads,
            keyValueHeads(json, heads, defaults),
            headSize,
            json.size("intermediate_size", defaults.innerSize),
            true,
            (float) json.real("rms_norm_eps", 1e-6),
            HuggingFaceConfig.activation(json, "hidden_act", Activation.SILU),
            true,
            false,
            qwen3,
            rope.rotary(),
            windows(json, type, layers));
    // Mistral has no biases, and Qwen2 has them on queries, keys and values, no matter what the
    // file says
    boolean bias = (type.equals("llama") || qwen3) && json.flag("attention_bias", false);
    boolean innerBias = type.equals("llama") && json.flag("mlp_bias", false);
    return new ModelSpec(
        config,
        new Architecture(
            TensorNames.llama(qwen3),
            false,
            HeadOrder.PLAIN,
            Bias.of(bias || (qwen && !qwen3)),
            Bias.of(bias),
            Bias.of(innerBias),
            json.flag("tie_word_embeddings", false)));
  }

  /** Missing means the model type's default, null means as many as there are heads. */
  private static int keyValueHeads(JsonObject json, int heads, Defaults defaults)
      throws IOException {
    String key = "num_key_value_heads";
    boolean missing = !json.names().contains(key);
    return json.size(key, missing && defaults.keyValueHeads > 0 ? defaults.keyValueHeads : heads);
  }

  private static List<Integer> windows(JsonObject json, String type, int layers)
      throws IOException {
    String key = "sliding_window";
    boolean missing = !json.names().contains(key);
    switch (type) {
      case "mistral" -> {
        // unlike null, a missing window means 4096
        int window = missing ? 4096 : json.size(key, Integer.MAX_VALUE);
        boolean all = window == Integer.MAX_VALUE;
        requireLayerTypes(json, all ? FULL : SLIDING, layers);
        return Collections.nCopies(layers, all ? 0 : window);
      }
      case "qwen2", "qwen3" -> {
        boolean use = json.flag("use_sliding_window", false);
        int window = use && (missing || json.has(key)) ? json.size(key, 4096) : 0;
        return qwenWindows(json, window, layers);
      }
      default -> {
        json.refuse(key);
        requireLayerTypes(json, FULL, layers);
        return Collections.nCopies(layers, 0);
      }
    }
  }

  private static List<Integer> qwenWindows(JsonObject json, int window, int layers)
      throws IOException {
    List<Integer> windows = new ArrayList<>();
    List<String> types = layerTypes(json, layers);
    // may be 0: then all layers have a window
    List<Integer> first = json.wholeNumbers("max_window_layers");
    int firstWithWindow = first.isEmpty() ? 28 : first.get(0);
    for (int i = 0; i < layers; i++) {
      boolean sliding = types.isEmpty() ? i >= firstWithWindow : types.get(i).equals(SLIDING);
      if (sliding && window == 0 && !types.isEmpty()) {
        throw json.problem(
            "layer_types", "of which layer " + i + " slides; expected \"use_sliding_window\" true");
      }
      windows.add(sliding ? window : 0);
    }
    return windows;
  }

  private static void requireLayerTypes(JsonObject json, String expected, int layers)
      throws IOException {
    for (String type : layerTypes(json, layers)) {
      if (!type.equals(expected)) {
        throw json.problem(
            "layer_types", "of which one is " + type + "; expected " + expected + " in all");
      }
    }
  }

  /** One for each layer, or none if the key is missing. */
  private static List<String> layerTypes(JsonObject json, int layers) throws IOException {
    List<String> types = json.texts("layer_types");
    if (types == null) {
      return List.of();
    }
    if (types.size() != layers) {
      throw json.problem("layer_types", "of length " + types.size() + ", expected " + layers);
    }
    for (String type : types) {
      if (!type.equals(FULL) && !type.equals(SLIDING)) {
        throw json.problem(
            "layer_types",
            "of which one is "
                + type
                + ", which this runtime does not implement; expected "
                + FULL
                + " or "
                + SLIDING);
      }
    }
    return types;
  }
}

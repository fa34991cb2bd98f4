package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/**
 * config.json of Hugging Face transformers. Each setting that the classes of a model type read is
 * honoured or refused by name; a missing one takes their default.
 */
public final class HuggingFaceConfig {
  /** One model type. */
  private interface Reader {
    public ModelSpec read(JsonObject json, TensorFiles files) throws IOException;
  }

  private static final Map<String, Reader> TYPES =
      new TreeMap<>(
          Map.of(
              "gpt2", Gpt2Settings::read,
              "gpt_neox", GptNeoXSettings::read,
              "llama", LlamaSettings::read,
              "mistral", LlamaSettings::read,
              "qwen2", LlamaSettings::read,
              "qwen3", LlamaSettings::read));

  private static final Map<String, Activation> ACTIVATIONS =
      new TreeMap<>(
          Map.of(
              "gelu", Activation.GELU,
              "gelu_python", Activation.GELU,
              "gelu_new", Activation.GELU_TANH,
              "gelu_fast", Activation.GELU_TANH,
              "gelu_accurate", Activation.GELU_TANH,
              "gelu_pytorch_tanh", Activation.GELU_TANH,
              "silu", Activation.SILU,
              "swish", Activation.SILU,
              "relu", Activation.RELU));

  private HuggingFaceConfig() {}

  /** Whether a model type can be read. */
  public static boolean supports(String type) {
    return TYPES.containsKey(type);
  }

  /** All model types that can be read. */
  public static String types() {
    return String.join(", ", TYPES.keySet());
  }

  /**
   * Reads a configuration.
   *
   * @param files the tensors that it describes, whose number the layers are checked against
   * @throws IOException when it is malformed or asks for something that this runtime does not
   *     implement; names file and key
   */
  public static ModelSpec read(JsonObject json, TensorFiles files) throws IOException {
    String type = json.text("model_type");
    Reader reader = type == null ? null : TYPES.get(type);
    if (reader == null) {
      throw json.problem("model_type", "expected one of " + types());
    }
    json.refuse("quantization_config");
    try {
      return reader.read(json, files);
    } catch (IllegalArgumentException | ArithmeticException e) {
      throw (IOException) json.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  static Activation activation(JsonObject json, String key, Activation defaultValue)
      throws IOException {
    String name = json.text(key);
    Activation activation = name == null ? defaultValue : ACTIVATIONS.get(name);
    if (activation == null) {
      throw json.problem(
          key,
          "which this runtime does not implement; expected "
              + String.join(", ", ACTIVATIONS.keySet()));
    }
    return activation;
  }

  /** Channels of a head if the hidden size is split evenly. */
  static int evenHeadSize(JsonObject json, int hiddenSize, int heads) throws IOException {
    if (hiddenSize % heads != 0) {
      throw json.problem(
          hiddenSize + " channels are not a multiple of " + heads + " attention heads");
    }
    return hiddenSize / heads;
  }
}

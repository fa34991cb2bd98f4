package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.kernels.elementwise.Activation;
import java.io.IOException;
import java.util.Map;
import java.util.TreeMap;

/** What transformers calls the activations. */
final class ActivationNames {
  private static final Map<String, Activation> NAMES =
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

  private ActivationNames() {}

  static Activation read(JsonObject json, String key) throws IOException {
    Activation activation = NAMES.get(json.text(key, ""));
    if (activation == null) {
      throw json.problem(
          key,
          "which this runtime does not implement; expected " + String.join(", ", NAMES.keySet()));
    }
    return activation;
  }
}

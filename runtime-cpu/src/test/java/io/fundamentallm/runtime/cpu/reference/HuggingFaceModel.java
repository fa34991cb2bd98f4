package io.fundamentallm.runtime.cpu.reference;

import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * A model as Hugging Face's libraries see it. What a key means and which default it has is said by
 * their configuration_*.py and modeling_*.py alone, not by anything of this runtime.
 *
 * @param config the keys of config.json; null, numbers, texts, booleans, lists and maps
 * @param tensors by the names of model.safetensors
 */
record HuggingFaceModel(Map<String, Object> config, Map<String, Tensor> tensors) {
  HuggingFaceModel {
    config = Collections.unmodifiableMap(new LinkedHashMap<>(config));
    tensors = Collections.unmodifiableMap(new LinkedHashMap<>(tensors));
  }

  /** The same weights under another setting. */
  HuggingFaceModel with(String key, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(config);
    changed.put(key, value);
    return new HuggingFaceModel(changed, tensors);
  }

  /** As a file of this precision gives it back. */
  HuggingFaceModel rounded(Precision precision) {
    Map<String, Tensor> rounded = new LinkedHashMap<>();
    tensors.forEach((name, tensor) -> rounded.put(name, tensor.rounded(precision)));
    return new HuggingFaceModel(config, rounded).with("torch_dtype", precision.torchType);
  }

  Tensor tensor(String name) {
    Tensor tensor = tensors.get(name);
    if (tensor == null) {
      throw new IllegalArgumentException("there is no " + name);
    }
    return tensor;
  }

  boolean has(String key) {
    return config.get(key) != null;
  }

  int size(String key) {
    return ((Number) config.get(key)).intValue();
  }

  int size(String key, int ifMissing) {
    return has(key) ? size(key) : ifMissing;
  }

  double real(String key, double ifMissing) {
    return real(config, key, ifMissing);
  }

  boolean flag(String key, boolean ifMissing) {
    return has(key) ? (Boolean) config.get(key) : ifMissing;
  }

  String text(String key, String ifMissing) {
    return has(key) ? (String) config.get(key) : ifMissing;
  }

  /** A nested object; empty where there is none. */
  Map<String, Object> map(String key) {
    Map<String, Object> map = new LinkedHashMap<>();
    if (config.get(key) instanceof Map<?, ?> nested) {
      nested.forEach((name, value) -> map.put((String) name, value));
    }
    return map;
  }

  static double real(Map<String, Object> map, String key, double ifMissing) {
    return map.get(key) == null ? ifMissing : ((Number) map.get(key)).doubleValue();
  }
}

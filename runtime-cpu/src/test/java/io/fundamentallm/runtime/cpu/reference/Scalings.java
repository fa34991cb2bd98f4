package io.fundamentallm.runtime.cpu.reference;

import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.Map;

/** Values of {@code rope_scaling} and {@code rope_parameters}. */
final class Scalings {
  private Scalings() {}

  /** Of the sizes of these small models; keeps, blends and divides one frequency or more each. */
  static Map<String, Object> llama3() {
    return scaling(
        "llama3",
        "factor",
        8.0,
        "low_freq_factor",
        1.0,
        "high_freq_factor",
        4.0,
        "original_max_position_embeddings",
        32);
  }

  static Map<String, Object> scaling(String type, Object... keysAndValues) {
    Object[] all = Arrays.copyOf(keysAndValues, keysAndValues.length + 2);
    all[keysAndValues.length] = "rope_type";
    all[keysAndValues.length + 1] = type;
    return map(all);
  }

  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  static Map<String, Object> changed(Map<String, Object> map, String key, Object value) {
    Map<String, Object> changed = new LinkedHashMap<>(map);
    changed.put(key, value);
    return changed;
  }
}

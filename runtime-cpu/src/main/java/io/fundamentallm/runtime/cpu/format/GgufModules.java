package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.LowRank;
import java.io.IOException;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The modules of a GGUF file and what Hugging Face's files of the same family call them, which
 * adapters do, too.
 */
final class GgufModules {
  private GgufModules() {}

  /**
   * A module.
   *
   * @param name in the GGUF file, without {@code .weight} and {@code .bias}
   */
  record Module(Part part, String name) {}

  /** All of them, by Hugging Face's names. */
  static Map<String, Module> of(ModelSpec spec) {
    TensorNames gguf = spec.family().ggufNames();
    TensorNames names = spec.family().names();
    Map<String, Module> modules = new LinkedHashMap<>();
    for (Part part : names.parts().keySet()) {
      if (!part.inLayer()) {
        modules.put(names.of(part), new Module(part, gguf.of(part)));
        continue;
      }
      for (int layer = 0; layer < spec.config().layers(); layer++) {
        modules.put(names.of(part, layer), new Module(part, gguf.of(part, layer)));
      }
    }
    return modules;
  }

  /** Hugging Face's names by the file's. */
  static Map<String, String> names(ModelSpec spec) {
    Map<String, String> names = new LinkedHashMap<>();
    of(spec).forEach((name, module) -> names.putIfAbsent(module.name(), name));
    return names;
  }

  /**
   * Checks that no part of an adapter has its rows in another order than the file.
   *
   * @throws IOException when one does; names its file and tensor
   */
  static void requireSameRows(ModelSpec spec, LoraAdapter adapter) throws IOException {
    if (!spec.family().has(Trait.HEADS_TOGETHER)) {
      return;
    }
    for (Map.Entry<String, Module> module : of(spec).entrySet()) {
      LowRank added = adapter.of(module.getKey(), spec.family().names().prefix());
      if (added != null && module.getValue().part() == Part.QUERY_KEY_VALUE) {
        throw added
            .b()
            .problem(
                "has query, key and value of each head together, which a GGUF file has apart;"
                    + " expected the model's directory with safetensors");
      }
    }
  }
}

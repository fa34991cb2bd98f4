package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** A small LoRA adapter in PEFT's layout, in memory. */
public final class TinyAdapter {
  /** adapter_config.json. */
  public final Map<String, Object> config = new LinkedHashMap<>();

  /** All tensors by name. */
  public final Map<String, Weights> tensors = new LinkedHashMap<>();

  private final Random random = new Random(8);

  /** One without modules, of rank 2 and alpha 6. */
  public TinyAdapter() {
    config.put("peft_type", "LORA");
    config.put("r", 2);
    config.put("lora_alpha", 6);
    config.put("bias", "none");
    config.put("modules_to_save", null);
    config.put("rank_pattern", Map.of());
    config.put("target_modules", List.of("anything"));
  }

  /** Changes a setting. */
  public TinyAdapter set(String key, Object value) {
    config.put(key, value);
    return this;
  }

  /** Adds the factors of a module [rows][columns]. */
  public TinyAdapter add(String module, int rank, int rows, int columns) {
    String name = "base_model.model." + module;
    tensors.put(name + ".lora_A.weight", Weights.random(random, rank, columns));
    tensors.put(name + ".lora_B.weight", Weights.random(random, rows, rank));
    return this;
  }

  /** A factor. */
  public Weights factor(String module, String which) {
    return tensors.get("base_model.model." + module + ".lora_" + which + ".weight");
  }

  /** Writes both files. */
  public Path write(Path directory) throws IOException {
    Files.createDirectories(directory);
    Files.writeString(directory.resolve("adapter_config.json"), JsonText.of(config));
    Files.write(
        directory.resolve("adapter_model.safetensors"), SafeTensorsBytes.of(tensors, "F32"));
    return directory;
  }
}

package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * A LoRA adapter in the layout of PEFT (Hugging Face): adapter_config.json and
 * adapter_model.safetensors.
 *
 * @param base the model that it belongs to, as named by the caller
 * @param rank of all factors
 * @param alpha the factor on a product is alpha/rank
 * @param transposed whether the model's matrices are stored as [inputs][outputs]
 * @param targets the adapted layers, by the last part of their names or whole
 * @param decomposed whether there are magnitudes (DoRA)
 */
public record AdapterDirectory(
    String base,
    int rank,
    double alpha,
    boolean transposed,
    List<String> targets,
    boolean decomposed) {

  /** What PEFT puts before every name of the model. */
  public static final String PREFIX = "base_model.model.";

  /** Keeps its own copy of the list. */
  public AdapterDirectory {
    targets = List.copyOf(targets);
  }

  /**
   * One factor of an adapted layer, or its magnitudes.
   *
   * @param name in the file
   * @param shape as in the file
   * @param values row-major
   */
  @SuppressWarnings("ArrayRecordComponent") // lives for one write or read, never compared
  public record Factor(String name, List<Integer> shape, float[] values) {}

  /** Writes both files; each is replaced atomically, the configuration last. */
  public void write(Path directory, List<Factor> factors) throws IOException {
    DurableFiles.createDirectories(directory);
    DurableFiles.deleteIfExists(directory.resolve(LoraAdapter.CONFIG));
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    for (Factor factor : factors) {
      tensors.add(new SafeTensorsWriter.Tensor(factor.name, factor.shape, factor.values, 0));
    }
    SafeTensorsWriter.write(directory.resolve(LoraAdapter.WEIGHTS), tensors);
    Map<String, @Nullable Object> fields = new LinkedHashMap<>();
    fields.put("peft_type", "LORA");
    fields.put("task_type", "CAUSAL_LM");
    fields.put("base_model_name_or_path", base);
    fields.put("inference_mode", true);
    fields.put("r", rank);
    fields.put("lora_alpha", alpha);
    fields.put("lora_dropout", 0.0);
    fields.put("target_modules", targets);
    fields.put("fan_in_fan_out", transposed);
    fields.put("bias", "none");
    fields.put("modules_to_save", null);
    fields.put("init_lora_weights", true);
    fields.put("use_rslora", false);
    fields.put("use_dora", decomposed);
    fields.put("rank_pattern", Map.of());
    fields.put("alpha_pattern", Map.of());
    JsonWriter.write(directory.resolve(LoraAdapter.CONFIG), fields);
  }

  /**
   * Reads factors.
   *
   * @param factors what to read; receive the values
   * @throws IOException when a file is missing or malformed, or a factor has another shape; names
   *     file and place
   */
  public static void read(Path directory, List<Factor> factors) throws IOException {
    try (TensorFiles files = SafeTensors.open(directory.resolve(LoraAdapter.WEIGHTS))) {
      for (Factor factor : factors) {
        files
            .tensor(factor.name)
            .require(factor.shape.stream().mapToLong(Integer::longValue).toArray())
            .read(0, factor.values.length, factor.values, 0);
      }
    }
  }
}

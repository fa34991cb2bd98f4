package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.runtime.cpu.format.json.ConfigFiles;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A LoRA adapter in the layout of PEFT (Hugging Face): adapter_config.json and
 * adapter_model.safetensors.
 *
 * @param base the model that it belongs to, as it was named
 * @param rank of all factors
 * @param alpha the factor on a product is alpha/rank
 * @param transposed whether the model's matrices lie [inputs][outputs]
 * @param targets the adapted layers, by the last part of their names or whole
 */
public record AdapterDirectory(
    String base, int rank, double alpha, boolean transposed, List<String> targets) {

  /** PEFT's name for what comes in front of every name of the model. */
  public static final String PREFIX = "base_model.model.";

  /** Keeps its own copy of the list. */
  public AdapterDirectory {
    targets = List.copyOf(targets);
  }

  /**
   * One factor.
   *
   * @param name in the file
   * @param rows as in the file
   * @param columns as in the file
   * @param values [rows][columns]
   */
  @SuppressWarnings("ArrayRecordComponent") // lives for one write or read, never compared
  public record Factor(String name, int rows, int columns, float[] values) {}

  /** Writes both files; each is replaced atomically, the configuration last. */
  public void write(Path directory, List<Factor> factors) throws IOException {
    DurableFiles.createDirectories(directory);
    DurableFiles.deleteIfExists(directory.resolve(LoraAdapter.CONFIG));
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    for (Factor factor : factors) {
      List<Integer> shape = List.of(factor.rows, factor.columns);
      tensors.add(new SafeTensorsWriter.Tensor(factor.name, shape, factor.values, 0));
    }
    SafeTensorsWriter.write(directory.resolve(LoraAdapter.WEIGHTS), tensors);
    ConfigFiles.write(
        directory.resolve(LoraAdapter.CONFIG),
        json -> {
          json.writeStringField("peft_type", "LORA");
          json.writeStringField("task_type", "CAUSAL_LM");
          json.writeStringField("base_model_name_or_path", base);
          json.writeBooleanField("inference_mode", true);
          json.writeNumberField("r", rank);
          json.writeNumberField("lora_alpha", alpha);
          json.writeNumberField("lora_dropout", 0.0);
          json.writeFieldName("target_modules");
          json.writeArray(targets.toArray(new String[0]), 0, targets.size());
          json.writeBooleanField("fan_in_fan_out", transposed);
          json.writeStringField("bias", "none");
          json.writeNullField("modules_to_save");
          json.writeBooleanField("init_lora_weights", true);
          json.writeBooleanField("use_rslora", false);
          json.writeBooleanField("use_dora", false);
          json.writeObjectFieldStart("rank_pattern");
          json.writeEndObject();
          json.writeObjectFieldStart("alpha_pattern");
          json.writeEndObject();
        });
  }

  /**
   * Reads factors.
   *
   * @param factors what to read, into their values
   * @throws IOException when a file is missing or malformed, or a factor has another shape; names
   *     file and place
   */
  public static void read(Path directory, List<Factor> factors) throws IOException {
    try (TensorFiles files = SafeTensors.open(directory.resolve(LoraAdapter.WEIGHTS))) {
      for (Factor factor : factors) {
        files
            .tensor(factor.name)
            .require(factor.rows, factor.columns)
            .read(0, factor.values.length, factor.values, 0);
      }
    }
  }
}

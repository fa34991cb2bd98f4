package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.json.JsonObject;
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
import java.util.Objects;
import java.util.TreeMap;

/**
 * What training needs besides the model to resume: {@code training_state.safetensors} holds arrays
 * such as the optimiser's, {@code training_state.json} how far training got and what the state
 * belongs to.
 *
 * @param settings what the training's result depends on, by name
 * @param numbers finite ones by name, such as the step
 * @param arrays flat arrays in the order of the model's parameters, by name
 */
public record TrainingStateFile(
    Map<String, String> settings, Map<String, Double> numbers, Map<String, float[]> arrays) {
  private static final String ARRAYS = "training_state.safetensors";
  private static final String NUMBERS = "training_state.json";
  private static final String SETTINGS = "settings";

  /** Writes both files. */
  public void write(Path directory) throws IOException {
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    new TreeMap<>(arrays)
        .forEach(
            (name, values) ->
                tensors.add(new SafeTensorsWriter.Tensor(name, List.of(values.length), values, 0)));
    SafeTensorsWriter.write(directory.resolve(ARRAYS), tensors);
    Map<String, Object> fields = new LinkedHashMap<>();
    fields.put(SETTINGS, settings);
    fields.putAll(new TreeMap<>(numbers));
    JsonWriter.write(directory.resolve(NUMBERS), fields);
  }

  /**
   * Reads only {@code training_state.json}.
   *
   * @return the state without arrays; numbers are exact to the bit
   * @throws IOException when it is missing or malformed; names file and place
   */
  public static TrainingStateFile read(Path directory) throws IOException {
    Path file = directory.resolve(NUMBERS);
    JsonObject json = JsonObject.read(file);
    JsonObject written = json.object(SETTINGS);
    if (written == null) {
      throw new IOException(file + ": has no \"" + SETTINGS + "\" to tell what it belongs to");
    }
    Map<String, String> settings = new LinkedHashMap<>();
    for (String name : written.names()) {
      settings.put(name, Objects.requireNonNullElse(written.text(name), ""));
    }
    Map<String, Double> numbers = new TreeMap<>();
    for (String name : json.names()) {
      if (!name.equals(SETTINGS)) {
        numbers.put(name, json.real(name));
      }
    }
    return new TrainingStateFile(settings, numbers, Map.of());
  }

  /**
   * Reads the arrays.
   *
   * @param arrays receive the values
   * @throws IOException when the file is missing or malformed, or has other arrays; names file and
   *     place
   */
  public static void readArrays(Path directory, Map<String, float[]> arrays) throws IOException {
    try (TensorFiles files = SafeTensors.open(directory.resolve(ARRAYS))) {
      for (Map.Entry<String, float[]> array : arrays.entrySet()) {
        float[] values = array.getValue();
        files.tensor(array.getKey()).require(values.length).read(0, values.length, values, 0);
      }
    }
  }
}

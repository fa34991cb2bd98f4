package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What training needs besides the model to go on where it stood: {@code
 * training_state.safetensors}, arrays such as the optimiser's, and {@code training_state.json}, how
 * far it came and what the state belongs to.
 *
 * @param plan what must be the same to go on, in one line
 * @param numbers finite ones by name, such as the step
 * @param arrays flat arrays in the order of the model's parameters, by name
 */
public record TrainingState(String plan, Map<String, Double> numbers, Map<String, float[]> arrays) {
  private static final String ARRAYS = "training_state.safetensors";
  private static final String NUMBERS = "training_state.json";
  private static final String PLAN = "plan";

  /** Writes both files. */
  public void write(Path directory) throws IOException {
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    new TreeMap<>(arrays)
        .forEach(
            (name, values) ->
                tensors.add(new SafeTensorsWriter.Tensor(name, List.of(values.length), values, 0)));
    SafeTensorsWriter.write(directory.resolve(ARRAYS), tensors);
    ConfigFiles.write(
        directory.resolve(NUMBERS),
        json -> {
          json.writeStringField(PLAN, plan);
          for (Map.Entry<String, Double> number : new TreeMap<>(numbers).entrySet()) {
            json.writeNumberField(number.getKey(), number.getValue());
          }
        });
  }

  /**
   * Reads both files, the arrays into those of a state.
   *
   * @param plan what it must belong to
   * @param arrays receive the values
   * @return the numbers, to the bit
   * @throws IOException when a file is missing or malformed, belongs to another plan, or has other
   *     arrays; names file and place
   */
  public static Map<String, Double> read(Path directory, String plan, Map<String, float[]> arrays)
      throws IOException {
    Path file = directory.resolve(NUMBERS);
    JsonObject json = JsonObject.read(file);
    String written = json.text(PLAN);
    if (!plan.equals(written)) {
      throw new IOException(
          file + ": the state of another plan: " + written + "; expected " + plan);
    }
    try (TensorFiles files = SafeTensors.open(directory.resolve(ARRAYS))) {
      for (Map.Entry<String, float[]> array : arrays.entrySet()) {
        float[] values = array.getValue();
        files.tensor(array.getKey()).require(values.length).read(0, values.length, values, 0);
      }
    }
    Map<String, Double> numbers = new TreeMap<>();
    for (String name : json.names()) {
      if (!name.equals(PLAN)) {
        numbers.put(name, json.real(name));
      }
    }
    return numbers;
  }
}

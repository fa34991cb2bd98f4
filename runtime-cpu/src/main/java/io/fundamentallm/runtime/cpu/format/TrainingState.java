package io.fundamentallm.runtime.cpu.format;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * What training needs besides the model to go on where it stood: {@code
 * training_state.safetensors}, the optimiser's arrays, and {@code training_state.json}, the step
 * and what the state belongs to.
 *
 * @param step how many steps were taken
 * @param plan what must be the same to go on, in one line
 * @param arrays flat arrays in the order of the model's parameters, by name
 */
public record TrainingState(int step, String plan, Map<String, float[]> arrays) {
  private static final String ARRAYS = "training_state.safetensors";
  private static final String STEP = "training_state.json";

  /** Writes both files. */
  public void write(Path directory) throws IOException {
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    new TreeMap<>(arrays)
        .forEach(
            (name, values) ->
                tensors.add(new SafeTensorsWriter.Tensor(name, List.of(values.length), values, 0)));
    SafeTensorsWriter.write(directory.resolve(ARRAYS), tensors);
    ConfigFiles.write(
        directory.resolve(STEP),
        json -> {
          json.writeNumberField("step", step);
          json.writeStringField("plan", plan);
        });
  }

  /**
   * Reads both files into the arrays of a state.
   *
   * @param plan what it must belong to
   * @param arrays receive the values
   * @return how many steps were taken
   * @throws IOException when a file is missing or malformed, belongs to another plan, or has other
   *     arrays; names file and place
   */
  public static int read(Path directory, String plan, Map<String, float[]> arrays)
      throws IOException {
    Path file = directory.resolve(STEP);
    JsonObject json = JsonObject.read(file);
    String written = json.text("plan");
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
    return json.size("step");
  }
}

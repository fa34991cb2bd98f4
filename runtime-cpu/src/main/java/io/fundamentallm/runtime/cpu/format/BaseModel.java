package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.huggingface.KeptConfig;
import io.fundamentallm.runtime.cpu.format.json.JsonObject;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A model from which training goes on, with the settings that its successor keeps. */
public final class BaseModel {
  private final ModelDirectory model;
  private final JsonObject config;
  private final @Nullable JsonObject generation;

  private BaseModel(ModelDirectory model, JsonObject config, @Nullable JsonObject generation) {
    this.model = model;
    this.config = config;
    this.generation = generation;
  }

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something that is not
   *     trained; names file and place
   */
  public static BaseModel read(Path directory) throws IOException {
    ModelDirectory model = ModelDirectory.read(directory);
    Path generation = directory.resolve(ModelDirectory.GENERATION_CONFIG);
    return new BaseModel(
        model,
        JsonObject.read(directory.resolve(ModelDirectory.CONFIG)),
        Files.exists(generation) ? JsonObject.read(generation) : null);
  }

  /** Its shape. */
  public TrainableConfig config() {
    return model.config();
  }

  /** All weights, not a copy. */
  public float[] parameters() {
    return model.parameters();
  }

  /**
   * Writes a model with other weights and these settings.
   *
   * @param begin the token that began the texts it was trained on, where the model names none
   * @param end tokens that ended them, besides those that the model names
   */
  public void write(Path to, float[] parameters, OptionalInt begin, Set<Integer> end)
      throws IOException {
    Set<Integer> ends = new TreeSet<>(model.end());
    ends.addAll(end);
    OptionalInt begins = model.begin().isPresent() ? model.begin() : begin;
    ModelDirectory result = new ModelDirectory(model.config(), begins, ends, parameters);
    result.write(to, new KeptConfig(config, generation, begins, ends));
  }
}

package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** A model to continue training from, with the settings that its successor keeps. */
public final class BaseModel {
  private static final String TYPE = "torch_dtype";
  private static final String NEWER_TYPE = "dtype";

  private final ModelDirectory model;
  private final ModelSettings settings;

  /** Whether there is a generation_config.json, which may be one without keys. */
  private final boolean generates;

  private BaseModel(ModelDirectory model, ModelSettings settings, boolean generates) {
    this.model = model;
    this.settings = settings;
    this.generates = generates;
  }

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something that is not
   *     trained; names file and place
   */
  public static BaseModel read(Path directory) throws IOException {
    return new BaseModel(
        ModelDirectory.read(directory),
        ModelSettings.read(directory),
        Files.exists(directory.resolve(ModelSettings.GENERATION_CONFIG)));
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
    BoundaryTokens tokens = new BoundaryTokens(begins, ends);
    Map<String, @Nullable Object> config = kept(settings.config(), tokens);
    config.put(settings.config().has(NEWER_TYPE) ? NEWER_TYPE : TYPE, "float32");
    result.write(to, config, generates ? kept(settings.generation(), tokens) : Map.of());
  }

  /** Everything in a file except the tokens and the type of the weights. */
  private static Map<String, @Nullable Object> kept(JsonObject json, BoundaryTokens tokens) {
    Map<String, @Nullable Object> fields = new LinkedHashMap<>(json.values());
    fields.keySet().removeAll(Set.of(TYPE, NEWER_TYPE));
    fields.keySet().removeAll(tokens.fields().keySet());
    fields.putAll(tokens.fields());
    return fields;
  }
}

package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.internal.directory.BoundaryTokens;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.internal.files.ReadablePath;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.runtime.cpu.format.huggingface.ConfigWriter;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model that can be trained, in the layout of Hugging Face transformers: config.json,
 * generation_config.json, model.safetensors.
 *
 * @param config sizes
 * @param begin the token that begins a text
 * @param end the tokens that end a text
 * @param parameters all weights, in the order of {@link ParameterLayout}
 */
@SuppressWarnings("ArrayRecordComponent") // the one copy of the weights, never compared
public record ModelDirectory(
    TrainableConfig config, OptionalInt begin, Set<Integer> end, float[] parameters) {
  private static final String WEIGHTS = "model.safetensors";
  private static final List<String> OF_THE_MODEL_BEFORE =
      List.of("model.onnx", "model.onnx_data", "adapter_config.json", "adapter_model.safetensors");

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something that is not
   *     trained; names file and place
   */
  public static ModelDirectory read(Path directory) throws IOException {
    Path weights = weights(directory);
    try (ModelFiles files = ModelFiles.open(directory)) {
      TrainableConfig config = config(files, directory);
      return new ModelDirectory(
          config,
          files.begin(),
          files.end(),
          parameters(weights, config, files.spec().architecture().names().prefix()));
    }
  }

  /** Where a model's weights are, or the index of their shards. */
  static Path weights(Path directory) throws IOException {
    ReadablePath.require(directory);
    if (AdapterConfig.isAlone(directory)) {
      throw new IOException(
          directory + ": expected a whole model to train; " + AdapterConfig.advice(directory));
    }
    Path weights = SafeTensors.find(directory);
    if (weights == null) {
      throw new IOException(
          directory
              + ": expected a directory with "
              + ModelSettings.CONFIG
              + " and "
              + WEIGHTS
              + " or its shards; beside a GGUF file adapters can be trained, not its own weights");
    }
    return weights;
  }

  /** The shape of a model; nothing of the weights is read. */
  static TrainableConfig config(Path directory) throws IOException {
    try (ModelFiles files = ModelFiles.open(directory)) {
      return config(files, directory);
    }
  }

  private static TrainableConfig config(ModelFiles files, Path directory) throws IOException {
    return TrainableShape.of(files.spec(), directory.resolve(ModelSettings.CONFIG));
  }

  private static float[] parameters(Path file, TrainableConfig config, String prefix)
      throws IOException {
    try (TensorFiles files = SafeTensors.open(file)) {
      ParameterLayout layout = new ParameterLayout(config);
      return parameters(
          new ModelTensors(files, prefix, layout.fullName(layout.tensors().get(0))), layout);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /** Reads the flat array of a layout. */
  static float[] parameters(ModelTensors tensors, ParameterLayout layout) throws IOException {
    float[] parameters = new float[layout.size()];
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
      tensors
          .take(layout.fullName(tensor), shape)
          .read(0, tensor.size(), parameters, tensor.offset());
    }
    return parameters;
  }

  /**
   * Makes a directory invalid as a model until {@link #write} has written a whole one, so that
   * nobody opens a mixture of an old and a new one. The old one's graph and adapter go too: other
   * runtimes would go on to load them.
   */
  public static void withdraw(Path directory) throws IOException {
    DurableFiles.deleteIfExists(directory.resolve(ModelSettings.CONFIG));
    for (String name : OF_THE_MODEL_BEFORE) {
      Files.deleteIfExists(directory.resolve(name));
    }
  }

  /** Writes the model; each file is replaced atomically, the configuration last. */
  public void write(Path directory) throws IOException {
    BoundaryTokens tokens = new BoundaryTokens(begin, end);
    write(directory, ConfigWriter.config(config, tokens), ConfigWriter.generation(tokens));
  }

  /**
   * Writes the model with other settings.
   *
   * @param settings the fields of config.json
   * @param generation those of generation_config.json; without fields there is no such file
   */
  void write(
      Path directory,
      Map<String, @Nullable Object> settings,
      Map<String, @Nullable Object> generation)
      throws IOException {
    DurableFiles.createDirectories(directory);
    withdraw(directory);
    Path generationConfig = directory.resolve(ModelSettings.GENERATION_CONFIG);
    if (generation.isEmpty()) {
      Files.deleteIfExists(generationConfig);
    } else {
      JsonWriter.write(generationConfig, generation);
    }
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    ParameterLayout layout = new ParameterLayout(config);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      tensors.add(
          new SafeTensorsWriter.Tensor(
              layout.fullName(tensor), tensor.shape(), parameters, tensor.offset()));
    }
    SafeTensorsWriter.write(directory.resolve(WEIGHTS), tensors);
    JsonWriter.write(directory.resolve(ModelSettings.CONFIG), settings);
  }
}

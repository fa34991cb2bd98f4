package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.files.DurableFiles;
import io.fundamentallm.runtime.cpu.format.huggingface.ConfigWriter;
import io.fundamentallm.runtime.cpu.format.json.ConfigFiles;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.train.layer.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.layer.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

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
  static final String CONFIG = "config.json";
  static final String GENERATION_CONFIG = "generation_config.json";
  private static final String WEIGHTS = "model.safetensors";

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something that is not
   *     trained; names file and place
   */
  public static ModelDirectory read(Path directory) throws IOException {
    Path weights = SafeTensors.find(directory);
    if (weights == null) {
      throw new IOException(
          directory
              + ": expected a directory with "
              + CONFIG
              + " and "
              + WEIGHTS
              + " or its shards; GGUF files are run, not trained");
    }
    try (ModelFiles files = ModelFiles.open(directory)) {
      TrainableConfig config = TrainableShape.of(files.spec(), directory.resolve(CONFIG));
      return new ModelDirectory(config, files.begin(), files.end(), parameters(weights, config));
    }
  }

  private static float[] parameters(Path file, TrainableConfig config) throws IOException {
    try (TensorFiles files = SafeTensors.open(file)) {
      ParameterLayout layout = new ParameterLayout(config);
      ModelTensors tensors =
          new ModelTensors(
              files, names(config).prefix(), layout.prefix() + layout.tensors().get(0).name());
      float[] parameters = new float[layout.size()];
      for (ParameterLayout.Tensor tensor : layout.tensors()) {
        long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
        tensors
            .take(layout.prefix() + tensor.name(), shape)
            .read(0, tensor.size(), parameters, tensor.offset());
      }
      return parameters;
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static TensorNames names(TrainableConfig config) {
    return config.isLlama() ? TensorNames.llama(false) : TensorNames.GPT2;
  }

  /**
   * Makes a directory no model until {@link #write} has written all of one, so that nobody opens a
   * mixture of an old and a new one.
   */
  public static void withdraw(Path directory) throws IOException {
    DurableFiles.deleteIfExists(directory.resolve(CONFIG));
  }

  /** Writes the model; each file is replaced atomically, the configuration last. */
  public void write(Path directory) throws IOException {
    write(directory, new ConfigWriter(config, begin, end));
  }

  /** Writes the model with other settings. */
  void write(Path directory, ConfigFiles configuration) throws IOException {
    DurableFiles.createDirectories(directory);
    withdraw(directory);
    configuration.writeGenerationConfig(directory.resolve(GENERATION_CONFIG));
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    ParameterLayout layout = new ParameterLayout(config);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      tensors.add(
          new SafeTensorsWriter.Tensor(
              layout.prefix() + tensor.name(), tensor.shape(), parameters, tensor.offset()));
    }
    SafeTensorsWriter.write(directory.resolve(WEIGHTS), tensors);
    configuration.writeConfig(directory.resolve(CONFIG));
  }
}

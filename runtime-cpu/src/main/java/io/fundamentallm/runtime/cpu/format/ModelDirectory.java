package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.kernels.Activation;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.Rotary;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
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
  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String WEIGHTS = "model.safetensors";

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something this runtime does
   *     not implement; names file and place
   */
  public static ModelDirectory read(Path directory) throws IOException {
    try (ModelFiles files = ModelFiles.open(directory)) {
      ModelWeights weights = files.weights();
      boolean tied = weights.head().matrix() == weights.embedding();
      TrainableConfig config =
          trainable(files.config(), tied)
              .orElseThrow(
                  () ->
                      new IOException(
                          directory.resolve(CONFIG)
                              + ": expected a gpt2 model with gelu_new and tied embeddings, or a"
                              + " llama model with silu, plain rotary positions and full attention,"
                              + " which are what is trained here"));
      return new ModelDirectory(
          config, files.begin(), files.end(), parameters(directory.resolve(WEIGHTS), config));
    }
  }

  private static Optional<TrainableConfig> trainable(TransformerConfig read, boolean tied) {
    boolean llama = read.architecture().equals("llama");
    Rotary rotary = read.rotary();
    TrainableConfig config;
    try {
      config =
          new TrainableConfig(
              llama ? TrainableConfig.Style.LLAMA : TrainableConfig.Style.GPT2,
              read.vocabularySize(),
              read.contextLength(),
              read.hiddenSize(),
              read.layers(),
              read.heads(),
              read.keyValueHeads(),
              read.innerSize(),
              read.normEpsilon(),
              tied,
              rotary == null ? TrainableConfig.DEFAULT_THETA : rotary.theta());
    } catch (IllegalArgumentException e) {
      return Optional.empty();
    }
    boolean same =
        read.headSize() == config.headSize()
            && read.rmsNorm() == llama
            && read.gated() == llama
            && read.activation() == (llama ? Activation.SILU : Activation.GELU_TANH)
            && !read.parallelResidual()
            && !read.queryKeyNorm()
            && read.windows().stream().allMatch(window -> window == 0)
            && (llama
                ? rotary != null
                    && rotary.dimensions() == config.headSize()
                    && rotary.scaling() instanceof Rotary.Unscaled
                : read.architecture().equals("gpt2"));
    return same ? Optional.of(config) : Optional.empty();
  }

  private static float[] parameters(Path file, TrainableConfig config) throws IOException {
    try (TensorFiles files = SafeTensors.open(file)) {
      ParameterLayout layout = new ParameterLayout(config);
      ModelTensors tensors =
          new ModelTensors(
              files, layout.prefix(), layout.prefix() + layout.tensors().get(0).name());
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

  /**
   * Makes a directory no model until {@link #write} has written all of one, so that nobody opens a
   * mixture of an old and a new one.
   */
  public static void withdraw(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(CONFIG));
  }

  /** Writes the model; each file is replaced atomically, the configuration last. */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    withdraw(directory);
    ConfigWriter configuration = new ConfigWriter(config, begin, end);
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

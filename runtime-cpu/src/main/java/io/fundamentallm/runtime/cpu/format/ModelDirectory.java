package io.fundamentallm.runtime.cpu.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.runtime.cpu.kernels.Activation;
import io.fundamentallm.runtime.cpu.model.ModelWeights;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.runtime.cpu.model.TrainableConfig;
import io.fundamentallm.runtime.cpu.model.TransformerConfig;
import io.fundamentallm.spi.AtomicFile;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * A GPT-2 model in the layout of Hugging Face transformers: config.json, generation_config.json,
 * model.safetensors.
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
      TransformerConfig read = files.config();
      ModelWeights weights = files.weights();
      boolean tied = weights.head().matrix() == weights.embedding();
      if (!read.architecture().equals("gpt2")
          || read.innerSize() != 4 * read.hiddenSize()
          || read.activation() != Activation.GELU_TANH
          || !tied) {
        throw new IOException(
            directory.resolve(CONFIG)
                + ": expected a gpt2 model with gelu_new, n_inner of 4 times n_embd, and tied"
                + " embeddings, which is what is trained here");
      }
      TrainableConfig config =
          TrainableConfig.gpt2(
              read.vocabularySize(),
              read.contextLength(),
              read.hiddenSize(),
              read.layers(),
              read.heads(),
              read.normEpsilon());
      return new ModelDirectory(
          config, files.begin(), files.end(), parameters(directory.resolve(WEIGHTS), config));
    }
  }

  private static float[] parameters(Path file, TrainableConfig config) throws IOException {
    try (TensorFiles files = SafeTensors.open(file)) {
      ParameterLayout layout = new ParameterLayout(config);
      ModelTensors tensors =
          new ModelTensors(files, layout.prefix(), layout.prefix() + "wte.weight");
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
    write(directory.resolve(GENERATION_CONFIG), this::writeGenerationConfig);
    List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
    ParameterLayout layout = new ParameterLayout(config);
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      tensors.add(
          new SafeTensorsWriter.Tensor(
              layout.prefix() + tensor.name(), tensor.shape(), parameters, tensor.offset()));
    }
    SafeTensorsWriter.write(directory.resolve(WEIGHTS), tensors);
    write(directory.resolve(CONFIG), this::writeConfig);
  }

  private interface Json {
    void writeTo(JsonGenerator json) throws IOException;
  }

  private static void write(Path file, Json contents) throws IOException {
    AtomicFile.write(
        file,
        channel -> {
          JsonGenerator json = new JsonFactory().createGenerator(Channels.newOutputStream(channel));
          // closing the channel with the generator would come before the fsync
          json.disable(JsonGenerator.Feature.AUTO_CLOSE_TARGET).useDefaultPrettyPrinter();
          try (json) {
            contents.writeTo(json);
          }
        });
  }

  private void writeConfig(JsonGenerator json) throws IOException {
    json.writeStartObject();
    json.writeFieldName("architectures");
    json.writeArray(new String[] {"GPT2LMHeadModel"}, 0, 1);
    json.writeStringField("model_type", "gpt2");
    json.writeNumberField("vocab_size", config.vocabularySize());
    json.writeNumberField("n_positions", config.contextLength());
    json.writeNumberField("n_ctx", config.contextLength());
    json.writeNumberField("n_embd", config.hiddenSize());
    json.writeNumberField("n_layer", config.layers());
    json.writeNumberField("n_head", config.heads());
    json.writeNullField("n_inner");
    json.writeStringField("activation_function", "gelu_new");
    json.writeNumberField("layer_norm_epsilon", config.normEpsilon());
    json.writeNumberField("initializer_range", 0.02);
    json.writeNumberField("embd_pdrop", 0.0);
    json.writeNumberField("attn_pdrop", 0.0);
    json.writeNumberField("resid_pdrop", 0.0);
    json.writeBooleanField("scale_attn_weights", true);
    json.writeBooleanField("tie_word_embeddings", true);
    writeTokens(json);
    json.writeStringField("torch_dtype", "float32");
    json.writeEndObject();
  }

  /**
   * Says that this model is to be sampled from as it is, which transformers would not do unasked.
   */
  private void writeGenerationConfig(JsonGenerator json) throws IOException {
    json.writeStartObject();
    writeTokens(json);
    json.writeBooleanField("do_sample", true);
    json.writeNumberField("top_k", 0);
    json.writeEndObject();
  }

  private void writeTokens(JsonGenerator json) throws IOException {
    // null, where there is none: a missing key would mean GPT-2's own 50256
    json.writeFieldName("bos_token_id");
    if (begin.isPresent()) {
      json.writeNumber(begin.getAsInt());
    } else {
      json.writeNull();
    }
    json.writeFieldName("eos_token_id");
    if (end.size() == 1) {
      json.writeNumber(end.iterator().next());
    } else if (end.isEmpty()) {
      json.writeNull();
    } else {
      int[] ids = end.stream().mapToInt(Integer::intValue).toArray();
      json.writeArray(ids, 0, ids.length);
    }
  }
}

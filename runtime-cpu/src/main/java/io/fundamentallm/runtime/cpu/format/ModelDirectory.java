package io.fundamentallm.runtime.cpu.format;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import io.fundamentallm.runtime.cpu.model.Gpt2Config;
import io.fundamentallm.runtime.cpu.model.ParameterLayout;
import io.fundamentallm.spi.AtomicFile;
import io.fundamentallm.spi.Support;
import java.io.IOException;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

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
    Gpt2Config config, OptionalInt begin, Set<Integer> end, float[] parameters) {
  private static final String CONFIG = "config.json";
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String WEIGHTS = "model.safetensors";

  /** What GPT2LMHeadModel puts before the names of all tensors, and GPT2Model does not. */
  private static final String PREFIX = "transformer.";

  /** Whether {@link #read} knows this kind of model; looks at config.json only. */
  public static Support supports(Path directory) {
    Path file = directory.resolve(CONFIG);
    if (!Files.isRegularFile(file)) {
      return Support.no("there is no " + CONFIG);
    }
    if (!Files.isRegularFile(directory.resolve(WEIGHTS))) {
      return Support.no("there is no " + WEIGHTS);
    }
    try {
      String type = ConfigFile.read(file).text("model_type").orElse("missing");
      return type.equals("gpt2")
          ? Support.yes("model_type is gpt2 and there is " + WEIGHTS)
          : Support.no("model_type is " + type + ", it runs gpt2");
    } catch (IOException e) {
      return Support.no(String.valueOf(e.getMessage()));
    }
  }

  /**
   * Reads a model.
   *
   * @throws IOException when a file is missing, malformed, or asks for something this runtime does
   *     not implement; names file and place
   */
  public static ModelDirectory read(Path directory) throws IOException {
    ConfigFile json = ConfigFile.read(directory.resolve(CONFIG));
    Gpt2Config config = config(json, directory.resolve(CONFIG));
    OptionalInt begin = json.wholeNumber("bos_token_id");
    Set<Integer> end = new TreeSet<>(json.wholeNumbers("eos_token_id"));
    if (Files.exists(directory.resolve(GENERATION_CONFIG))) {
      ConfigFile generation = ConfigFile.read(directory.resolve(GENERATION_CONFIG));
      begin =
          generation.wholeNumber("bos_token_id").isPresent()
              ? generation.wholeNumber("bos_token_id")
              : begin;
      end.addAll(generation.wholeNumbers("eos_token_id"));
    }
    // configurations of small models often carry GPT-2's own 50256 along
    end.removeIf(token -> !isToken(token, config));
    begin = begin.isPresent() && isToken(begin.getAsInt(), config) ? begin : OptionalInt.empty();
    return new ModelDirectory(config, begin, end, weights(directory.resolve(WEIGHTS), config));
  }

  private static boolean isToken(int id, Gpt2Config config) {
    return id >= 0 && id < config.vocabularySize();
  }

  private static Gpt2Config config(ConfigFile json, Path file) throws IOException {
    json.require("model_type", "gpt2");
    json.require("activation_function", "gelu_new", "gelu_pytorch_tanh");
    json.require("scale_attn_weights", "true");
    json.require("scale_attn_by_inverse_layer_idx", "false");
    json.require("add_cross_attention", "false");
    json.require("tie_word_embeddings", "true");
    int hiddenSize = json.size("n_embd");
    json.require("n_inner", Long.toString(4L * hiddenSize));
    try {
      return new Gpt2Config(
          json.size("vocab_size"),
          json.size("n_positions"),
          hiddenSize,
          json.size("n_layer"),
          json.size("n_head"),
          (float) json.real("layer_norm_epsilon", 1e-5));
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static float[] weights(Path file, Gpt2Config config) throws IOException {
    try (SafeTensors tensors = SafeTensors.open(file)) {
      String prefix = tensors.names().contains(PREFIX + "wte.weight") ? PREFIX : "";
      // the file must at least hold what is about to be allocated
      tensors.requireFloats(config.parameters());
      if (config.parameters() > Integer.MAX_VALUE || tensors.names().size() < config.layers()) {
        throw new IOException(
            file
                + ": "
                + tensors.names().size()
                + " tensors do not make "
                + config.layers()
                + " layers with "
                + config.parameters()
                + " parameters; at most "
                + Integer.MAX_VALUE
                + " parameters can be loaded");
      }
      ParameterLayout layout = new ParameterLayout(config);
      float[] parameters = new float[layout.size()];
      for (ParameterLayout.Tensor tensor : layout.tensors()) {
        tensors.read(prefix + tensor.name(), tensor.shape(), parameters, tensor.offset());
      }
      return parameters;
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
    for (ParameterLayout.Tensor tensor : new ParameterLayout(config).tensors()) {
      tensors.add(
          new SafeTensorsWriter.Tensor(
              PREFIX + tensor.name(), tensor.shape(), parameters, tensor.offset()));
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
    json.writeNumberField("layer_norm_epsilon", config.layerNormEpsilon());
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

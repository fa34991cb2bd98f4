package io.fundamentallm.runtime.gpu.graph;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What config.json, generation_config.json and genai_config.json say of a model and its graph does
 * not. The keys of the first two are those of Hugging Face transformers, which differ between GPT-2
 * and later families; where they are silent, the third is asked.
 *
 * @param file that of the first two that is there, for error messages
 * @param architecture {@code model_type}
 * @param vocabularySize absent where the file does not say; the graph then does
 * @param hiddenSize 0 where the file does not say
 * @param layers absent where the file does not say
 * @param heads 0 where the file does not say
 * @param endTokens of all files; generation_config.json often has more
 */
public record ModelConfig(
    Path file,
    String architecture,
    OptionalInt vocabularySize,
    int contextLength,
    int hiddenSize,
    OptionalInt layers,
    int heads,
    OptionalInt beginToken,
    Set<Integer> endTokens) {
  private static final String[] CONTEXT_LENGTH = {
    "n_positions", "max_position_embeddings", "n_ctx", "max_seq_len", "seq_length"
  };

  public static ModelConfig read(Path directory) throws IOException {
    ConfigJson genAi = ConfigJson.readIfExists(OnnxDirectory.genAiConfig(directory));
    ConfigJson config =
        genAi.isEmpty()
            ? ConfigJson.read(OnnxDirectory.config(directory))
            : ConfigJson.readIfExists(OnnxDirectory.config(directory));
    ConfigJson generation = ConfigJson.readIfExists(OnnxDirectory.generationConfig(directory));
    OptionalInt contextLength =
        either(config.integer(1, CONTEXT_LENGTH), genAi.integer(1, "model.context_length"));
    if (contextLength.isEmpty()) {
      throw new IOException(
          genAi.isEmpty()
              ? config.file()
                  + ": no context length; expected one of the keys "
                  + String.join(", ", CONTEXT_LENGTH)
              : genAi.file() + ": no context length; expected the key model.context_length");
    }
    OptionalInt begin =
        either(
            generation.integer(0, "bos_token_id"),
            either(config.integer(0, "bos_token_id"), genAi.integer(0, "model.bos_token_id")));
    Set<Integer> ends = new TreeSet<>(config.integers(0, "eos_token_id"));
    ends.addAll(generation.integers(0, "eos_token_id"));
    ends.addAll(genAi.integers(0, "model.eos_token_id"));
    String decoder = "model.decoder.";
    return new ModelConfig(
        config.isEmpty() ? genAi.file() : config.file(),
        config.text("model_type").or(() -> genAi.text("model.type")).orElse("onnx"),
        either(config.integer(1, "vocab_size"), genAi.integer(1, "model.vocab_size")),
        contextLength.getAsInt(),
        either(
                config.integer(1, "n_embd", "hidden_size"),
                genAi.integer(1, decoder + "hidden_size"))
            .orElse(0),
        either(
            config.integer(1, "n_layer", "num_hidden_layers"),
            genAi.integer(1, decoder + "num_hidden_layers")),
        either(
                config.integer(1, "n_head", "num_attention_heads"),
                genAi.integer(1, decoder + "num_attention_heads"))
            .orElse(0),
        begin,
        ends);
  }

  private static OptionalInt either(OptionalInt first, OptionalInt second) {
    return first.isPresent() ? first : second;
  }
}

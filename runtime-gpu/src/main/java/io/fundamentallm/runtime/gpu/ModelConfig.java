package io.fundamentallm.runtime.gpu;

import java.io.IOException;
import java.nio.file.Path;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What config.json and generation_config.json say of a model and its graph does not. The keys are
 * those of Hugging Face transformers, which differ between GPT-2 and later families.
 *
 * @param architecture {@code model_type}
 * @param vocabularySize absent where the file does not say; the graph then does
 * @param hiddenSize 0 where the file does not say
 * @param layers absent where the file does not say
 * @param heads 0 where the file does not say
 * @param endTokens of both files; generation_config.json often has more
 */
record ModelConfig(
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

  static ModelConfig read(Path directory) throws IOException {
    JsonFile config = JsonFile.read(ModelDirectory.config(directory));
    JsonFile generation = JsonFile.readIfExists(ModelDirectory.generationConfig(directory));
    OptionalInt contextLength = config.integer(1, CONTEXT_LENGTH);
    if (contextLength.isEmpty()) {
      throw new IOException(
          config.file()
              + ": no context length; expected one of the keys "
              + String.join(", ", CONTEXT_LENGTH));
    }
    OptionalInt begin = generation.integer(0, "bos_token_id");
    Set<Integer> ends = new TreeSet<>(config.integers(0, "eos_token_id"));
    ends.addAll(generation.integers(0, "eos_token_id"));
    return new ModelConfig(
        config.text("model_type").orElse("onnx"),
        config.integer(1, "vocab_size"),
        contextLength.getAsInt(),
        config.integer(1, "n_embd", "hidden_size").orElse(0),
        config.integer(1, "n_layer", "num_hidden_layers"),
        config.integer(1, "n_head", "num_attention_heads").orElse(0),
        begin.isPresent() ? begin : config.integer(0, "bos_token_id"),
        ends);
  }
}

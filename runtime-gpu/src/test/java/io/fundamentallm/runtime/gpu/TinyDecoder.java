package io.fundamentallm.runtime.gpu;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/**
 * A GPT-2-like decoder with random weights: V vocabulary, N context, C channels, H heads. Learned
 * positions, LayerNorm before each block, GELU by tanh, embeddings tied. Weights lie row by row, as
 * [in][out]; those of linear layers are such that 4 bits with a scale for each 16 of a column hold
 * them exactly.
 */
record TinyDecoder(
    int vocabulary,
    int context,
    int channels,
    int heads,
    float[] tokenEmbedding /* [V][C] */,
    float[] positionEmbedding /* [N][C] */,
    Block[] blocks,
    Norm lastNorm) {
  /** Weights of a column that share a scale. */
  static final int BLOCK = 16;

  record Norm(float[] scale /* [C] */, float[] bias /* [C] */) {}

  record Linear(float[] weight /* [in][out] */, float[] bias /* [out] */) {}

  record Block(
      Norm norm1,
      Linear query,
      Linear key,
      Linear value,
      Linear out,
      Norm norm2,
      Linear up /* C to 4C */,
      Linear down /* 4C to C */) {}

  /** What a graph of this decoder takes, and how it lays out keys and values. */
  enum Form {
    /** input_ids alone; keys [B, H, L, C/H]. */
    IDS_ONLY,
    /** attention_mask and position_ids too. */
    MASK_AND_POSITIONS,
    /** input_ids alone; keys [B, L, H, C/H]. */
    TOKENS_FIRST,
    /** attention_mask and position_ids, but no keys and values go in or out. */
    WITHOUT_CACHE,
    /**
     * As MASK_AND_POSITIONS, in decoder_model_merged.onnx, which is told whether there is a past.
     */
    MERGED,
    /** As IDS_ONLY, but keys, values and logits are binary16. */
    F16,
    /** The same with bfloat16. */
    BF16,
    /** As MASK_AND_POSITIONS, with ONNX Runtime's GroupQueryAttention. */
    GROUPED,
    /** The same with keys, values and logits of binary16. */
    GROUPED_F16,
    /**
     * The same attention with names of its own, in genai_config.json, without a config.json; ids
     * are int32, and lengths are inputs.
     */
    GEN_AI,
    /** As GROUPED without position_ids: they are counted from the past's length, which is read. */
    GROUPED_SIZED,
    /**
     * As MASK_AND_POSITIONS, with logits of as many of the last tokens as num_logits_to_keep says.
     */
    LAST_LOGITS,
    /** As MASK_AND_POSITIONS, with matrices of 4 bits. */
    INT4,
    /** As WITHOUT_CACHE, with the same. */
    WITHOUT_CACHE_INT4,
    /** As GROUPED, with the same. */
    GROUPED_INT4,
    /** As GROUPED, with room for the whole context in the graph's shapes. */
    GROUPED_FIXED,
    /** One sequence; the tokens of cache_position go into a cache of fixed size. */
    FIXED,
    /** The same, one token at a time, by a way that needs a copy of the cache. */
    FIXED_COPIED;

    boolean grouped() {
      return name().startsWith("GROUPED") || this == GEN_AI;
    }

    /** How far its logits may be from exact ones. */
    double rounding() {
      return switch (this) {
        case F16, GROUPED_F16 -> 2e-2;
        case BF16 -> 2e-1;
        default -> 1e-4;
      };
    }

    boolean givesHidden() {
      return this == MASK_AND_POSITIONS || this == GROUPED || this == WITHOUT_CACHE;
    }

    boolean hasCache() {
      return this != WITHOUT_CACHE && this != WITHOUT_CACHE_INT4;
    }

    boolean hasFourBits() {
      return name().endsWith("INT4");
    }

    boolean scattered() {
      return this == FIXED || this == FIXED_COPIED;
    }
  }

  static TinyDecoder small() {
    return random(17, 48, 16, 2, 2, 1);
  }

  static TinyDecoder random(
      int vocabulary, int context, int channels, int heads, int layers, long seed) {
    Random random = new Random(seed);
    Block[] blocks = new Block[layers];
    for (int i = 0; i < layers; i++) {
      blocks[i] =
          new Block(
              norm(random, channels),
              linear(random, channels, channels),
              linear(random, channels, channels),
              linear(random, channels, channels),
              linear(random, channels, channels),
              norm(random, channels),
              linear(random, channels, 4 * channels),
              linear(random, 4 * channels, channels));
    }
    return new TinyDecoder(
        vocabulary,
        context,
        channels,
        heads,
        floats(random, vocabulary * channels, 0, 1),
        floats(random, context * channels, 0, 1),
        blocks,
        norm(random, channels));
  }

  private static Norm norm(Random random, int size) {
    return new Norm(floats(random, size, 1, 0.1), floats(random, size, 0, 0.1));
  }

  private static Linear linear(Random random, int in, int out) {
    float[] weight = floats(random, in * out, 0, 1 / Math.sqrt(in));
    for (int column = 0; column < out; column++) {
      for (int from = 0; from < in; from += BLOCK) {
        int to = Math.min(in, from + BLOCK);
        float scale = scale(weight, out, column, from, to);
        for (int row = from; row < to; row++) {
          int at = row * out + column;
          weight[at] = scale * Math.round(weight[at] / scale);
        }
      }
    }
    return new Linear(weight, floats(random, out, 0, 0.1));
  }

  /** With it, some weights of a column are whole numbers from -7 to 7. */
  static float scale(float[] weight, int out, int column, int from, int to) {
    float largest = 0;
    for (int row = from; row < to; row++) {
      largest = Math.max(largest, Math.abs(weight[row * out + column]));
    }
    return largest / 7;
  }

  private static float[] floats(Random random, int size, double mean, double deviation) {
    float[] values = new float[size];
    for (int i = 0; i < size; i++) {
      values[i] = (float) (mean + deviation * random.nextGaussian());
    }
    return values;
  }

  /** Writes model.onnx and config.json, and removes what another form has written. */
  void save(Path directory, Form form) throws IOException {
    Files.deleteIfExists(directory.resolve("model.onnx"));
    Files.deleteIfExists(directory.resolve("genai_config.json"));
    String name =
        switch (form) {
          case MERGED -> "decoder_model_merged.onnx";
          case GEN_AI -> "decoder.onnx";
          default -> "model.onnx";
        };
    Files.write(directory.resolve(name), new TinyDecoderGraph(this, form).toBytes());
    Path config = directory.resolve("config.json");
    if (form == Form.GEN_AI) {
      Files.deleteIfExists(config);
      Files.writeString(directory.resolve("genai_config.json"), genAiConfig());
    } else {
      Files.writeString(config, config());
    }
  }

  String genAiConfig() {
    return """
    {"model": {"type": "gpt2", "context_length": %d, "vocab_size": %d, "bos_token_id": 0,
      "eos_token_id": [1], "decoder": {
        "filename": "decoder.onnx", "hidden_size": %d, "num_attention_heads": %d,
        "num_hidden_layers": %d, "head_size": 8,
        "inputs": {"input_ids": "tokens", "position_ids": "places",
          "past_sequence_length": "last", "total_sequence_length": "longest",
          "past_key_names": "past_%%d_k", "past_value_names": "past_%%d_v"},
        "outputs": {"logits": "scores",
          "present_key_names": "now_%%d_k", "present_value_names": "now_%%d_v"}}},
     "search": {"past_present_share_buffer": true}}
    """
        .formatted(context, vocabulary, channels, heads, blocks.length);
  }

  String config() {
    return """
    {"model_type": "gpt2", "n_positions": %d, "vocab_size": %d, "n_embd": %d, "n_layer": %d,
     "n_head": %d, "task_specific_params": {"n_positions": 1}, "bos_token_id": 0,
     "eos_token_id": 1}
    """
        .formatted(context, vocabulary, channels, blocks.length, heads);
  }
}

package io.fundamentallm.oracles;

import io.fundamentallm.Tokenizers;
import io.fundamentallm.internal.json.JsonWriter;
import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensorsWriter;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.text.Tokenizer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A model of a family with random weights, as Hugging Face's library would write it. Everything
 * comes from the family's description, so that new families need nothing here: sizes are small, and
 * its special rules are switched on. Rows are whole blocks of 256, for all forms of weights.
 */
final class Miniature {
  static final int CONTEXT = 128;
  static final int VOCABULARY = 320;
  private static final int CHANNELS = 256;
  private static final int HEADS = 4;
  private static final int HEAD_SIZE = 64;
  private static final int INNER = 512;
  private static final int EXPERTS = 4;

  private static final Set<Part> OF_DENSE_LAYERS =
      EnumSet.of(Part.GATE, Part.UP, Part.GATE_UP, Part.DOWN);
  private static final Set<Part> OF_EXPERTS = EnumSet.range(Part.ROUTER, Part.SHARED_DOWN);

  /** Settings by their usual names, where a family reads them. */
  private static final Map<String, Object> SIZES =
      Map.ofEntries(
          Map.entry("vocab_size", VOCABULARY),
          Map.entry("max_position_embeddings", CONTEXT),
          Map.entry("original_max_position_embeddings", CONTEXT),
          Map.entry("hidden_size", CHANNELS),
          Map.entry("num_attention_heads", HEADS),
          Map.entry("num_key_value_heads", HEADS / 2),
          Map.entry("intermediate_size", INNER),
          Map.entry("head_dim", HEAD_SIZE),
          Map.entry("query_pre_attn_scalar", HEAD_SIZE),
          Map.entry("num_experts", EXPERTS),
          Map.entry("num_experts_per_tok", 2),
          Map.entry("moe_intermediate_size", INNER / 2),
          Map.entry("shared_expert_intermediate_size", INNER),
          Map.entry("embedding_multiplier", 3.0),
          Map.entry("attention_multiplier", 0.1),
          Map.entry("residual_multiplier", 0.5),
          Map.entry("logits_scaling", 2.0));

  private final Family family;
  private final TensorNames names; // in the files
  private final Map<String, @Nullable Object> settings = new LinkedHashMap<>();
  private final List<SafeTensorsWriter.Tensor> tensors = new ArrayList<>();
  private final Random random = new Random(11);
  private final int layers;
  private final int keyValues;

  private Miniature(Family family) {
    this.family = family;
    names =
        family.has(Trait.TEXT_CONFIG) ? family.names().inside("language_model.") : family.names();
    settings.putAll(family.keys());
    SIZES.forEach(
        (usual, value) -> {
          if (family.reads(usual)) {
            settings.put(family.key(usual), value);
          }
        });
    settings.putAll(family.gguf().settings()); // others have no form in such a file
    // so many that one has no window, or no positions
    layers = (int) Math.max(family.number("sliding_window_pattern", 0), 4);
    settings.put(family.key("num_hidden_layers"), layers);
    keyValues = (family.reads("num_key_value_heads") ? HEADS / 2 : HEADS) * HEAD_SIZE;
    if (family.reads("sliding_window_pattern")) {
      settings.put("sliding_window", 16);
    } else if (family.reads("sliding_window")) {
      settings.put("sliding_window", null); // llama.cpp leaves it out of the computation
    }
    if (family.reads("rope_scaling")) {
      // with the bounds that llama.cpp rounds
      settings.put(
          "rope_scaling",
          Map.of(
              "rope_type", "yarn", "factor", 4.0, "original_max_position_embeddings", CONTEXT / 4));
    }
    // heads whose channels are not all rotated, unless the family has a share of its own
    if (family.reads("partial_rotary_factor") && family.number("partial_rotary_factor", 1) == 1) {
      settings.put(family.key("partial_rotary_factor"), 0.75);
    }
  }

  /** Writes one, with a tokenizer of bytes, which puts nothing before a text. */
  static Tokenizer write(Family family, Path directory) throws IOException {
    return write(family, Map.of(), directory);
  }

  /**
   * The same with other settings.
   *
   * @param changed by their usual names
   */
  static Tokenizer write(Family family, Map<String, Object> changed, Path directory)
      throws IOException {
    Miniature miniature = new Miniature(family);
    changed.forEach((usual, value) -> miniature.settings.put(family.key(usual), value));
    Files.createDirectories(directory);
    miniature.collect();
    SafeTensorsWriter.write(directory.resolve("model.safetensors"), miniature.tensors);
    JsonWriter.write(directory.resolve("config.json"), miniature.config());
    Tokenizer tokenizer = Tokenizers.learn("byte(special=false)");
    tokenizer.save(directory);
    return tokenizer;
  }

  private Map<String, @Nullable Object> config() {
    Map<String, @Nullable Object> config = new LinkedHashMap<>();
    config.put("model_type", family.type());
    config.put("architectures", List.of(family.className()));
    config.put("bos_token_id", 256);
    config.put("eos_token_id", 257);
    if (family.has(Trait.TEXT_CONFIG)) {
      config.put("text_config", settings);
    } else {
      config.putAll(settings);
    }
    return config;
  }

  private boolean hasExperts(int layer) {
    return names.has(Part.ROUTER)
        && !(settings.get("mlp_only_layers") instanceof List<?> dense && dense.contains(layer));
  }

  private boolean flag(String key) {
    return Boolean.TRUE.equals(settings.get(key));
  }

  private void collect() {
    // small enough that the layers, not the last token itself, say which token is next
    double size = family.has(Trait.ROOT_EMBEDDING) ? 0.05 : 0.2;
    printable(add(names.of(Part.EMBEDDING) + ".weight", size, VOCABULARY, CHANNELS));
    if (names.has(Part.POSITIONS)) {
      add(names.of(Part.POSITIONS) + ".weight", 0.2, CONTEXT, CHANNELS);
    }
    for (int layer = 0; layer < layers; layer++) {
      boolean dense = !hasExperts(layer);
      for (Part part : names.parts().keySet()) {
        if (dense ? !OF_EXPERTS.contains(part) : !OF_DENSE_LAYERS.contains(part)) {
          collect(part, layer);
        }
      }
    }
    norm(names.of(Part.FINAL_NORM), CHANNELS);
    if (!flag("tie_word_embeddings")) {
      printable(add(names.of(Part.HEAD) + ".weight", 0.2, VOCABULARY, CHANNELS));
    }
  }

  /** Keeps only tokens whose text every system writes in the same way: theirs is never the best. */
  private static void printable(float[] rows) {
    Arrays.fill(rows, 0, ' ' * CHANNELS, 0);
    Arrays.fill(rows, 127 * CHANNELS, VOCABULARY * CHANNELS, 0);
  }

  private void collect(Part part, int layer) {
    boolean all = family.has(Trait.BIASES) || flag("use_bias");
    boolean attention = all || flag("attention_bias");
    boolean queries = attention || family.has(Trait.QUERY_KEY_VALUE_BIASES) || flag("qkv_bias");
    boolean inner = all || family.has(Trait.INNER_BIASES) || flag("mlp_bias");
    boolean wide = family.has(Trait.WIDE_QUERY_KEY_NORM);
    int width = HEADS * HEAD_SIZE;
    switch (part) {
      case EMBEDDING, POSITIONS, FINAL_NORM, HEAD -> {}
      case NORM1, AFTER1, NORM2, AFTER2 -> norm(name(part, layer), CHANNELS);
      case QUERY_NORM -> norm(name(part, layer), wide ? width : HEAD_SIZE);
      case KEY_NORM -> norm(name(part, layer), wide ? keyValues : HEAD_SIZE);
      case QUERY_KEY_VALUE -> linear(part, layer, width + 2 * keyValues, CHANNELS, queries);
      case QUERY -> linear(part, layer, width, CHANNELS, queries);
      case KEY, VALUE -> linear(part, layer, keyValues, CHANNELS, queries);
      case ATTENTION_OUT -> linear(part, layer, CHANNELS, width, attention);
      case GATE, UP -> linear(part, layer, INNER, CHANNELS, inner);
      case GATE_UP -> linear(part, layer, 2 * INNER, CHANNELS, inner);
      case DOWN -> linear(part, layer, CHANNELS, INNER, inner);
      // sure of its choice, so that no rounding changes it
      case ROUTER -> {
        add(name(part, layer) + ".weight", 1, EXPERTS, CHANNELS);
        if (family.has(Trait.EXPERT_BIASES)) {
          add(name(part, layer) + ".bias", 0.1, EXPERTS);
        }
      }
      case SINKS -> add(name(part, layer), 1, HEADS);
      case EXPERT_GATE, EXPERT_UP -> experts(part, layer, expertSize(), CHANNELS);
      case EXPERT_DOWN -> experts(part, layer, CHANNELS, expertSize());
      case SHARED_ROUTER -> linear(part, layer, 1, CHANNELS, false);
      case SHARED_GATE, SHARED_UP -> linear(part, layer, INNER, CHANNELS, false);
      case SHARED_DOWN -> linear(part, layer, CHANNELS, INNER, false);
      default -> throw new AssertionError("say here what shape " + part + " has");
    }
  }

  private int expertSize() {
    return family.reads("moe_intermediate_size") ? INNER / 2 : INNER;
  }

  /** A tensor for each, or one parameter for all. */
  private void experts(Part part, int layer, int rows, int columns) {
    if (names.fusedExperts()) {
      boolean down = part == Part.EXPERT_DOWN;
      int outputs = down ? rows : 2 * rows; // gates and what they multiply
      // large enough for gates to reach their limit
      double size = (down ? 0.1 : 4) / Math.sqrt(columns);
      if (part != Part.EXPERT_UP) { // which is in the tensor of the gates
        add(name(part, layer), size, EXPERTS, columns, outputs);
        add(name(part, layer) + "_bias", 0.1, EXPERTS, outputs);
      }
      return;
    }
    for (int i = 0; i < EXPERTS; i++) {
      String name = name(part, layer).replace("#", String.valueOf(i));
      add(name + ".weight", 1 / Math.sqrt(columns), rows, columns);
    }
  }

  private String name(Part part, int layer) {
    return names.of(part, layer);
  }

  private void linear(Part part, int layer, int rows, int columns, boolean bias) {
    double size = 1 / Math.sqrt(columns);
    boolean turned = family.has(Trait.TRANSPOSED);
    add(name(part, layer) + ".weight", size, turned ? columns : rows, turned ? rows : columns);
    if (bias) {
      add(name(part, layer) + ".bias", 0.1, rows);
    }
  }

  private void norm(String name, int size) {
    float[] weights = add(name + ".weight", 0.1, size);
    for (int i = 0; i < size && !family.has(Trait.NORMS_LESS_ONE); i++) {
      weights[i] += 1;
    }
    if (family.has(Trait.LAYER_NORM)) {
      add(name + ".bias", 0.1, size);
    }
  }

  private float[] add(String name, double size, int... shape) {
    int elements = 1;
    List<Integer> sizes = new ArrayList<>();
    for (int dimension : shape) {
      elements *= dimension;
      sizes.add(dimension);
    }
    float[] values = new float[elements];
    for (int i = 0; i < elements; i++) {
      values[i] = (float) (size * random.nextGaussian());
    }
    tensors.add(new SafeTensorsWriter.Tensor(name, sizes, values, 0));
    return values;
  }
}

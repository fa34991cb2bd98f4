package io.fundamentallm.internal.directory;

import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * What the files beside the weights say of a model. Keys and defaults are those of Hugging Face
 * transformers. Immutable and thread-safe.
 *
 * @param directory where the files are
 * @param config config.json; without keys where there is none
 * @param generation generation_config.json; without keys where there is none
 * @param genAi {@code model} in onnxruntime-genai's genai_config.json; without keys where there is
 *     none
 */
public record ModelSettings(
    Path directory, JsonObject config, JsonObject generation, JsonObject genAi) {
  public static final String CONFIG = "config.json";
  public static final String GENERATION_CONFIG = "generation_config.json";
  public static final String GENAI_CONFIG = "genai_config.json";

  static final String BEGIN = "bos_token_id";
  static final String END = "eos_token_id";

  private static final String TOKENIZER_CONFIG = "tokenizer_config.json";
  private static final String TYPE = "model_type";

  /** The names that families have for it. */
  private static final String[] CONTEXT_LENGTH = {
    "n_positions", "max_position_embeddings", "n_ctx", "max_seq_len", "seq_length"
  };

  private static final String[] POSITIONS = {"max_position_embeddings"};

  /**
   * What transformers assumes for a family whose config.json leaves it out.
   *
   * @param contextLengthKeys by which names transformers knows it; other keys say something else
   */
  private record Defaults(
      List<Integer> begin, List<Integer> end, int contextLength, String... contextLengthKeys) {}

  private static final Map<String, Defaults> DEFAULTS =
      Map.ofEntries(
          Map.entry(
              "gpt2",
              new Defaults(
                  List.of(50_256),
                  List.of(50_256),
                  1024,
                  "n_positions",
                  "max_position_embeddings")),
          Map.entry("gemma2", new Defaults(List.of(2), List.of(1), 8192, POSITIONS)),
          Map.entry("gemma3", new Defaults(List.of(2), List.of(1), 131_072, POSITIONS)),
          Map.entry("gemma3_text", new Defaults(List.of(2), List.of(1), 131_072, POSITIONS)),
          Map.entry("gpt_neox", new Defaults(List.of(0), List.of(2), 2048, POSITIONS)),
          Map.entry("gpt_oss", new Defaults(List.of(), List.of(), 131_072, POSITIONS)),
          Map.entry("granite", new Defaults(List.of(1), List.of(2), 2048, POSITIONS)),
          Map.entry("llama", new Defaults(List.of(1), List.of(2), 2048, POSITIONS)),
          Map.entry("mistral", new Defaults(List.of(1), List.of(2), 131_072, POSITIONS)),
          Map.entry("mixtral", new Defaults(List.of(1), List.of(2), 131_072, POSITIONS)),
          Map.entry("olmo2", new Defaults(List.of(), List.of(50_279), 2048, POSITIONS)),
          Map.entry("phi3", new Defaults(List.of(1), List.of(32_000), 4096, POSITIONS)),
          Map.entry("qwen2", new Defaults(List.of(), List.of(), 32_768, POSITIONS)),
          Map.entry("qwen2_moe", new Defaults(List.of(), List.of(), 32_768, POSITIONS)),
          Map.entry("qwen3", new Defaults(List.of(), List.of(), 32_768, POSITIONS)),
          Map.entry("qwen3_moe", new Defaults(List.of(), List.of(), 32_768, POSITIONS)),
          Map.entry("smollm3", new Defaults(List.of(128_000), List.of(128_001), 32_768, POSITIONS)),
          Map.entry("starcoder2", new Defaults(List.of(50_256), List.of(50_256), 4096, POSITIONS)));

  private static final Defaults NONE = new Defaults(List.of(), List.of(), 0, CONTEXT_LENGTH);

  /**
   * Reads the files that are there. Where genai_config.json is malformed, it says nothing: only the
   * runtime that it is written for may fail because of it.
   *
   * @throws IOException when another one is malformed; names it
   */
  public static ModelSettings read(Path directory) throws IOException {
    JsonObject genAi = readIfWellFormed(directory.resolve(GENAI_CONFIG));
    try {
      genAi = genAi.within("model");
      genAi.wholeNumbers(BEGIN);
      genAi.wholeNumbers(END);
    } catch (IOException e) {
      genAi = JsonObject.empty(directory.resolve(GENAI_CONFIG));
    }
    return of(directory, genAi);
  }

  /**
   * Reads the files that are there, for the runtime that genai_config.json is written for.
   *
   * @throws IOException when one is malformed; names it
   */
  public static ModelSettings readWithGenAi(Path directory) throws IOException {
    return of(directory, JsonObject.readIfExists(directory.resolve(GENAI_CONFIG)).within("model"));
  }

  private static ModelSettings of(Path directory, JsonObject genAi) throws IOException {
    return new ModelSettings(
        directory,
        JsonObject.readIfExists(directory.resolve(CONFIG)),
        JsonObject.readIfExists(directory.resolve(GENERATION_CONFIG)),
        genAi);
  }

  private static JsonObject readIfWellFormed(Path file) {
    try {
      return JsonObject.readIfExists(file);
    } catch (IOException e) {
      return JsonObject.empty(file);
    }
  }

  /** Whether config.json names a family of which this library knows how it computes. */
  public static boolean namesFamily(JsonObject config) throws IOException {
    return DEFAULTS.containsKey(config.text(TYPE, ""));
  }

  private static Defaults defaults(JsonObject config) throws IOException {
    return DEFAULTS.getOrDefault(config.text(TYPE, ""), NONE);
  }

  /**
   * The longest sequence that config.json gives, or its family's default; empty where neither is
   * known.
   */
  public static OptionalInt contextLength(JsonObject config) throws IOException {
    JsonObject text = config.object("text_config"); // of models that also see images
    if (text != null) {
      return contextLength(text);
    }
    Defaults family = defaults(config);
    OptionalInt length = config.firstSize(family.contextLengthKeys);
    return length.isPresent() || family.contextLength == 0
        ? length
        : OptionalInt.of(family.contextLength);
  }

  /** The longest sequence, before any scaling of rotary positions. */
  public int contextLength() throws IOException {
    OptionalInt configured = genAi.firstSize("context_length");
    OptionalInt length =
        configured.isPresent() && config.firstSize(defaults(config).contextLengthKeys).isEmpty()
            ? configured
            : contextLength(config);
    if (length.isEmpty()) {
      throw new IOException(
          "%s: no context length; expected one of the keys %s in %s, or context_length in %s"
              .formatted(directory, String.join(", ", CONTEXT_LENGTH), CONFIG, GENAI_CONFIG));
    }
    return length.getAsInt();
  }

  /**
   * The tokens between which a text stands: those that config.json, generation_config.json and
   * genai_config.json name, and where none of them has the key, that of tokenizer_config.json, or
   * else the family's. A key that is null says that there is none.
   */
  public BoundaryTokens boundaryTokens(int vocabularySize) throws IOException {
    List<Integer> begins = List.of();
    for (JsonObject file : List.of(generation, config, genAi)) {
      begins = begins.isEmpty() ? file.wholeNumbers(BEGIN) : begins;
    }
    if (!isNamed(BEGIN)) {
      begins = unnamed("bos_token", defaults(config).begin);
    }
    Set<Integer> ends = new TreeSet<>();
    for (JsonObject file : List.of(generation, config, genAi)) {
      ends.addAll(file.wholeNumbers(END));
    }
    if (!isNamed(END)) {
      ends.addAll(unnamed("eos_token", defaults(config).end));
    }
    return BoundaryTokens.of(
        begins.isEmpty() ? OptionalInt.empty() : OptionalInt.of(begins.get(0)),
        ends,
        vocabularySize);
  }

  private boolean isNamed(String key) {
    return config.names().contains(key)
        || generation.names().contains(key)
        || genAi.names().contains(key);
  }

  /**
   * What tokenizer_config.json calls a token and gives an id, or the default. A file of another
   * form says nothing: the tokenizer that reads it knows better what is wrong.
   */
  private List<Integer> unnamed(String role, List<Integer> defaultIds) {
    Map<?, ?> file = readIfWellFormed(directory.resolve(TOKENIZER_CONFIG)).values();
    Object form = file.get(role);
    form = form instanceof Map<?, ?> token ? token.get("content") : form;
    if (form instanceof String && file.get("added_tokens_decoder") instanceof Map<?, ?> added) {
      for (Map.Entry<?, ?> entry : added.entrySet()) {
        if (entry.getValue() instanceof Map<?, ?> token && form.equals(token.get("content"))) {
          try {
            return List.of(Integer.valueOf((String) entry.getKey()));
          } catch (NumberFormatException e) {
            return defaultIds;
          }
        }
      }
    }
    return defaultIds;
  }
}

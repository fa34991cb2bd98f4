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
 * What the files beside the weights say about a model. Keys and defaults are those of Hugging Face
 * transformers. Immutable and thread-safe.
 *
 * @param directory where the files are
 * @param config config.json; without keys if there is none
 * @param generation generation_config.json; without keys if there is none
 * @param genAi {@code model} in onnxruntime-genai's genai_config.json; without keys if there is
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

  /** The names that model families use for it. */
  private static final String[] CONTEXT_LENGTH = {
    "n_positions", "max_position_embeddings", "n_ctx", "max_seq_len", "seq_length"
  };

  /** What transformers assumes if a family's config.json leaves it out. */
  private record Defaults(List<Integer> begin, List<Integer> end, int contextLength) {
    Defaults(int begin, int end, int contextLength) {
      this(List.of(begin), List.of(end), contextLength);
    }
  }

  private static final Map<String, Defaults> DEFAULTS =
      Map.of(
          "gpt2", new Defaults(50_256, 50_256, 1024),
          "gpt_neox", new Defaults(0, 2, 2048),
          "llama", new Defaults(1, 2, 2048),
          "mistral", new Defaults(1, 2, 131_072),
          "qwen2", new Defaults(List.of(), List.of(), 32_768),
          "qwen3", new Defaults(List.of(), List.of(), 32_768));

  private static final Defaults NONE = new Defaults(List.of(), List.of(), 0);

  /**
   * Reads the files that exist.
   *
   * @throws IOException when one is malformed; names it
   */
  public static ModelSettings read(Path directory) throws IOException {
    return new ModelSettings(
        directory,
        JsonObject.readIfExists(directory.resolve(CONFIG)),
        JsonObject.readIfExists(directory.resolve(GENERATION_CONFIG)),
        JsonObject.readIfExists(directory.resolve(GENAI_CONFIG)).within("model"));
  }

  private static Defaults defaults(JsonObject config) throws IOException {
    return DEFAULTS.getOrDefault(config.text(TYPE, ""), NONE);
  }

  /**
   * The longest sequence that config.json gives, or its family's default; empty if neither is
   * known.
   */
  public static OptionalInt contextLength(JsonObject config) throws IOException {
    OptionalInt length = config.firstSize(CONTEXT_LENGTH);
    int usual = defaults(config).contextLength;
    return length.isPresent() || usual == 0 ? length : OptionalInt.of(usual);
  }

  /** The longest sequence, before any scaling of rotary positions. */
  public int contextLength() throws IOException {
    OptionalInt said = genAi.firstSize("context_length");
    OptionalInt length =
        said.isPresent() && config.firstSize(CONTEXT_LENGTH).isEmpty()
            ? said
            : contextLength(config);
    if (length.isEmpty()) {
      throw new IOException(
          "%s: no context length; expected one of the keys %s in %s, or context_length in %s"
              .formatted(directory, String.join(", ", CONTEXT_LENGTH), CONFIG, GENAI_CONFIG));
    }
    return length.getAsInt();
  }

  /**
   * The tokens that begin and end a text: those that config.json, generation_config.json and
   * genai_config.json name. If none of them has the key, the token is that of
   * tokenizer_config.json, or else the family's. A key that is null means that there is none.
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

  /** The id of the token that tokenizer_config.json names, or the default. */
  private List<Integer> unnamed(String role, List<Integer> usual) throws IOException {
    JsonObject tokenizer = JsonObject.readIfExists(directory.resolve(TOKENIZER_CONFIG));
    Object form = tokenizer.values().get(role);
    form = form instanceof Map<?, ?> token ? token.get("content") : form;
    JsonObject added = tokenizer.within("added_tokens_decoder");
    for (String id : added.names()) {
      if (added.within(id).text("content", "").equals(form)) {
        try {
          return List.of(Integer.valueOf(id));
        } catch (NumberFormatException e) {
          throw (IOException) added.problem(id, "expected a token's id as its key").initCause(e);
        }
      }
    }
    return usual;
  }
}

package io.fundamentallm.runtime.cpu.format.spec;

import io.fundamentallm.runtime.cpu.format.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collections;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeSet;

/**
 * The tokens between which a text stands.
 *
 * @param begin the token that begins one, if any
 * @param end all tokens that end one
 */
public record TextEnds(OptionalInt begin, Set<Integer> end) {
  private static final String GENERATION_CONFIG = "generation_config.json";
  private static final String BEGIN = "bos_token_id";
  private static final String END = "eos_token_id";

  /** Those that config.json and generation_config.json name, or the model type's defaults. */
  public static TextEnds read(Path directory, JsonObject config, int vocabularySize)
      throws IOException {
    Path file = directory.resolve(GENERATION_CONFIG);
    JsonObject generation = Files.exists(file) ? JsonObject.read(file) : JsonObject.EMPTY;
    List<Integer> begins =
        generation.has(BEGIN) ? generation.wholeNumbers(BEGIN) : config.wholeNumbers(BEGIN);
    Set<Integer> ends = new TreeSet<>(config.wholeNumbers(END));
    ends.addAll(generation.wholeNumbers(END));
    String type = String.valueOf(config.text("model_type"));
    if (!config.names().contains(BEGIN) && !generation.names().contains(BEGIN)) {
      begins = defaultIds(type, 50_256, 0, 1);
    }
    if (!config.names().contains(END) && !generation.names().contains(END)) {
      ends.addAll(defaultIds(type, 50_256, 2, 2));
    }
    OptionalInt begin = begins.isEmpty() ? OptionalInt.empty() : OptionalInt.of(begins.get(0));
    return of(begin, ends, vocabularySize);
  }

  private static List<Integer> defaultIds(String type, int gpt2, int neox, int llama) {
    return switch (type) {
      case "gpt2" -> List.of(gpt2);
      case "gpt_neox" -> List.of(neox);
      case "llama", "mistral" -> List.of(llama);
      default -> List.of();
    };
  }

  /** Leaves out what is no token: small models often carry the ids of large ones along. */
  public static TextEnds of(OptionalInt begin, Set<Integer> ends, int vocabularySize) {
    Set<Integer> end = new TreeSet<>(ends);
    end.removeIf(token -> token < 0 || token >= vocabularySize);
    boolean isToken =
        begin.isPresent() && begin.getAsInt() >= 0 && begin.getAsInt() < vocabularySize;
    return new TextEnds(isToken ? begin : OptionalInt.empty(), Collections.unmodifiableSet(end));
  }
}

package io.fundamentallm;

import io.fundamentallm.internal.files.Json;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The defaults that a model's publisher gives in generation_config.json, as the specs of this
 * library. Keys and defaults are those of Hugging Face transformers' GenerationConfig.
 *
 * @param sampler a sampler spec
 * @param decoder a decoder spec, where the file asks for beams
 * @param maxNewTokens where the file gives it
 */
record GenerationConfig(String sampler, Optional<String> decoder, OptionalInt maxNewTokens) {
  /**
   * Key in the file, stage, and the value that means "off"; in the order transformers runs them.
   */
  private static final List<Stage> STAGES =
      List.of(
          new Stage("repetition_penalty", "repetition-penalty", 1, false),
          new Stage("no_repeat_ngram_size", "no-repeat-n-gram", 0, false),
          new Stage("temperature", "temperature", 1, true),
          new Stage("top_k", "top-k", 0, true),
          new Stage("top_p", "top-p", 1, true),
          new Stage("min_p", "min-p", 0, true),
          new Stage("typical_p", "typical", 1, true),
          new Stage("epsilon_cutoff", "epsilon", 0, true),
          new Stage("eta_cutoff", "eta", 0, true));

  /** Configuration files are a few kilobytes. */
  private static final long LARGEST = 10_000_000;

  private record Stage(String key, String name, double off, boolean onlyWhenSampling) {}

  /** Reads the file of a model directory; empty where there is none. */
  static Optional<GenerationConfig> read(Path directory) throws IOException {
    Path file = directory.resolve("generation_config.json");
    if (!Files.exists(file)) {
      return Optional.empty();
    }
    if (Files.size(file) > LARGEST) {
      throw new IOException(file + ": " + Files.size(file) + " bytes, expected a few kilobytes");
    }
    try {
      return Optional.of(of(Json.object(Files.readString(file))));
    } catch (CharacterCodingException e) {
      throw new IOException(file + ": is not UTF-8", e);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  /**
   * The generator with these defaults, except where the process configured others.
   *
   * @param directory where the file is
   * @throws ProviderException for what nothing here can do; names the file
   */
  TextGenerator applyTo(TextGenerator generator, Path directory) {
    TextGenerator result = generator;
    try {
      if (Configuration.get("sampler").isEmpty()) {
        result = result.withSampler(sampler);
      }
      if (Configuration.get("decoder").isEmpty() && decoder.isPresent()) {
        result = result.withDecoder(decoder.get());
      }
      return maxNewTokens.isPresent() ? result.withMaxNewTokens(maxNewTokens.getAsInt()) : result;
    } catch (IllegalArgumentException | ProviderException e) {
      throw new ProviderException(
          directory.resolve("generation_config.json")
              + " asks for: "
              + e.getMessage()
              + " Or set another sampler, by -Dfundamentallm.sampler=…, or change the file",
          e);
    }
  }

  private static GenerationConfig of(Map<String, @Nullable Object> json) {
    boolean sample = Boolean.TRUE.equals(json.get("do_sample"));
    List<String> stages = new ArrayList<>();
    for (Stage stage : STAGES) {
      Double value = number(json, stage.key);
      if (!json.containsKey(stage.key) && stage.key.equals("top_k")) {
        value = 50.0; // transformers samples from the best 50 unless told otherwise
      }
      if (value != null && value != stage.off && (sample || !stage.onlyWhenSampling)) {
        stages.add(stage.name + "=" + text(value));
      }
    }
    stages.add(sample ? "draw" : "greedy");
    Double beams = number(json, "num_beams");
    Double newTokens = number(json, "max_new_tokens");
    return new GenerationConfig(
        String.join(",", stages),
        beams == null || beams == 1 ? Optional.empty() : Optional.of(beam(beams, json, sample)),
        newTokens == null ? OptionalInt.empty() : OptionalInt.of(newTokens.intValue()));
  }

  /** Beams with the keys and defaults of transformers' GenerationConfig. */
  private static String beam(double width, Map<String, @Nullable Object> json, boolean sample) {
    StringBuilder spec = new StringBuilder("beam(width=").append(text(width));
    Double penalty = number(json, "length_penalty");
    if (penalty != null) {
      spec.append(",length-penalty=").append(text(penalty));
    }
    Object early = json.get("early_stopping");
    if (early instanceof Boolean) {
      spec.append(",early-stopping=").append(early);
    } else if (early != null && !early.equals("never")) {
      throw new IllegalArgumentException(
          "\"early_stopping\" is " + early + ", expected true, false or \"never\"");
    }
    if (sample) {
      spec.append(",sample=true");
    }
    return spec.append(")").toString();
  }

  private static @Nullable Double number(Map<String, @Nullable Object> json, String key) {
    Object value = json.get(key);
    if (value == null || value instanceof Double) {
      return (Double) value;
    }
    throw new IllegalArgumentException("\"" + key + "\" is " + value + ", expected a number");
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}

package io.fundamentallm;

import io.fundamentallm.decoding.DecodingOptions;
import io.fundamentallm.internal.directory.ModelSettings;
import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/**
 * The defaults that a model's publisher gives in generation_config.json, as the specs of this
 * library. Keys and defaults are those of Hugging Face transformers' GenerationConfig.
 *
 * @param sampler a sampler spec
 * @param decoder a decoder spec, if the file asks for beams
 * @param maxNewTokens if the file gives it
 * @param json the file, for the keys that are no numbers
 */
record GenerationConfig(
    String sampler, Optional<String> decoder, OptionalInt maxNewTokens, JsonObject json) {
  private static final System.Logger LOG = System.getLogger("io.fundamentallm");

  /**
   * Key in the file, stage, and the value that means "off"; in the order transformers runs them.
   */
  private static final List<Stage> STAGES =
      List.of(
          new Stage("repetition_penalty", "repetition-penalty", 1, false),
          new Stage("no_repeat_ngram_size", "no-repeat-n-gram", 0, false),
          new Stage("temperature", "temperature", 1, true),
          new Stage("top_h", "top-h", 0, true),
          new Stage("top_k", "top-k", 0, true),
          new Stage("top_p", "top-p", 1, true),
          new Stage("min_p", "min-p", 0, true),
          new Stage("typical_p", "typical", 1, true),
          new Stage("epsilon_cutoff", "epsilon", 0, true),
          new Stage("eta_cutoff", "eta", 0, true));

  private record Stage(String key, String name, double off, boolean onlyWhenSampling) {}

  /** Reads the file of a model directory; empty if there is none. */
  static Optional<GenerationConfig> read(Path directory) throws IOException {
    Path file = directory.resolve(ModelSettings.GENERATION_CONFIG);
    return Files.exists(file) ? Optional.of(of(JsonObject.read(file))) : Optional.empty();
  }

  /**
   * The generator with these defaults, except where the process is configured otherwise.
   *
   * @param directory where the file is
   * @throws ProviderException for a setting that no part found can handle; names the file
   */
  TextGenerator applyTo(TextGenerator generator, Path directory) throws IOException {
    DecodingOptions options = GenerationKeys.options(json, generator.options().toBuilder()).build();
    TextGenerator result = generator.with(builder -> options.toBuilder());
    Set<String> ignored = GenerationKeys.ignored(json, generator.model().info().contextLength());
    if (!ignored.isEmpty()) {
      LOG.log(
          System.Logger.Level.WARNING,
          "{0}: what it says of {1} is not done here",
          directory.resolve(ModelSettings.GENERATION_CONFIG),
          String.join(", ", ignored));
    }
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
          directory.resolve(ModelSettings.GENERATION_CONFIG)
              + " asks for: "
              + e.getMessage()
              + " Or set another sampler, by -Dfundamentallm.sampler=…, or change the file",
          e);
    }
  }

  private static GenerationConfig of(JsonObject json) throws IOException {
    boolean sample = Boolean.TRUE.equals(json.values().get("do_sample"));
    List<String> stages = new ArrayList<>(GenerationKeys.first(json));
    for (Stage stage : STAGES) {
      if (stage.key.equals("temperature")) {
        stages.addAll(GenerationKeys.middle(json));
      }
      // transformers samples from the best 50 unless set otherwise
      boolean missing = !json.names().contains(stage.key);
      double value = json.real(stage.key, missing && stage.key.equals("top_k") ? 50 : stage.off);
      if (value != stage.off && (sample || !stage.onlyWhenSampling)) {
        stages.add(stage.name + "=" + text(value));
      }
    }
    stages.add(sample ? "draw" : "greedy");
    return new GenerationConfig(
        String.join(",", stages),
        decoder(json, sample),
        json.has("max_new_tokens")
            ? OptionalInt.of((int) json.real("max_new_tokens"))
            : OptionalInt.empty(),
        json);
  }

  private static Optional<String> decoder(JsonObject json, boolean sample) throws IOException {
    if (json.real("num_beams", 1) != 1) {
      return Optional.of(beam(json, sample));
    }
    // transformers searches contrastively if it neither samples nor has beams
    double alpha = json.real("penalty_alpha", 0);
    return alpha > 0 && !sample
        ? Optional.of(
            "contrastive(k=" + text(json.real("top_k", 50)) + ",alpha=" + text(alpha) + ")")
        : Optional.empty();
  }

  /** Beams with the keys and defaults of transformers' GenerationConfig. */
  private static String beam(JsonObject json, boolean sample) throws IOException {
    StringBuilder spec = new StringBuilder("beam(width=").append(text(json.real("num_beams")));
    if (json.has("length_penalty")) {
      spec.append(",length-penalty=").append(text(json.real("length_penalty")));
    }
    if (json.real("num_beam_groups", 1) > 1) {
      spec.append(",groups=").append(text(json.real("num_beam_groups")));
      if (json.has("diversity_penalty")) {
        spec.append(",diversity-penalty=").append(text(json.real("diversity_penalty")));
      }
    }
    Object early = json.values().get("early_stopping");
    if (early instanceof Boolean) {
      spec.append(",early-stopping=").append(early);
    } else if (early != null && !early.equals("never")) {
      throw json.problem("early_stopping", "expected true, false or \"never\"");
    }
    if (sample) {
      spec.append(",sample=true");
    }
    return spec.append(")").toString();
  }

  private static String text(double value) {
    return value == Math.rint(value) ? Long.toString((long) value) : Double.toString(value);
  }
}

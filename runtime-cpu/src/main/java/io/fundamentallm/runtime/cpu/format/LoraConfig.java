package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.internal.json.JsonObject;
import java.io.IOException;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * adapter_config.json of a LoRA adapter. What it says about initialisation and about the adapted
 * layers is ignored: the tensors show it.
 */
final class LoraConfig {
  /** A module's name or the end of its path; PEFT allows regular expressions here. */
  private static final Pattern PLAIN = Pattern.compile("\\^?[A-Za-z0-9_.]+");

  private final JsonObject json;
  private final JsonObject ranks;
  private final JsonObject alphas;
  private final boolean rankStabilized;
  private final boolean decomposed;

  private LoraConfig(JsonObject json, JsonObject ranks, JsonObject alphas) throws IOException {
    this.json = json;
    this.ranks = ranks;
    this.alphas = alphas;
    this.rankStabilized = json.flag("use_rslora", false);
    this.decomposed = json.flag("use_dora", false);
    json.size("r");
    json.real("lora_alpha");
  }

  static LoraConfig read(Path file) throws IOException {
    JsonObject json = JsonObject.read(file);
    if (!"LORA".equals(json.text("peft_type"))) {
      throw json.problem("peft_type", "expected \"LORA\"");
    }
    json.require("bias", "none");
    // the others start by changing the model's own weights
    json.require("init_lora_weights", "true", "false", "gaussian", "eva");
    for (String key :
        new String[] {
          "lora_bias",
          "modules_to_save",
          "use_qalora",
          "layer_replication",
          "trainable_token_indices",
          "target_parameters",
          "alora_invocation_tokens",
          "use_bdlora",
          "arrow_config"
        }) {
      json.refuse(key);
    }
    // PEFT itself corrects this flag to match the layer; it is read only as a check
    json.flag("fan_in_fan_out", false);
    return new LoraConfig(json, patterns(json, "rank_pattern"), patterns(json, "alpha_pattern"));
  }

  private static JsonObject patterns(JsonObject json, String key) throws IOException {
    JsonObject patterns = json.within(key);
    for (String pattern : patterns.names()) {
      if (!PLAIN.matcher(pattern).matches()) {
        throw patterns.problem(
            pattern, "a regular expression; expected the name of a module, or the end of its path");
      }
    }
    return patterns;
  }

  /** Whether adapters have magnitudes (DoRA). */
  boolean decomposed() {
    return decomposed;
  }

  /** The rank of a module's adapter. */
  int rank(String module) throws IOException {
    for (String pattern : ranks.names()) {
      if (matches(pattern, module)) {
        return ranks.size(pattern);
      }
    }
    return json.size("r");
  }

  /** The factor on the product: alpha over the rank, or over its root (Kalajdzievski 2023). */
  float scale(String module) throws IOException {
    JsonObject where = json;
    String key = "lora_alpha";
    for (String pattern : alphas.names()) {
      if (matches(pattern, module)) {
        where = alphas;
        key = pattern;
        break;
      }
    }
    int rank = rank(module);
    float scale = (float) (where.real(key) / (rankStabilized ? Math.sqrt(rank) : rank));
    if (!Float.isFinite(scale)) {
      throw where.problem(key, "a factor beyond all floats");
    }
    return scale;
  }

  /** PEFT's rule: the whole path, or what follows a dot in it. */
  private static boolean matches(String pattern, String module) {
    return pattern.startsWith("^")
        ? module.equals(pattern.substring(1))
        : module.equals(pattern) || module.endsWith("." + pattern);
  }
}

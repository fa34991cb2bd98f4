package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rotary settings of Hugging Face's config.json, in the older form ({@code rope_theta} beside
 * {@code rope_scaling}) and in the newer ({@code rope_parameters}), with the defaults and the
 * meaning that transformers' modeling_rope_utils.py gives them.
 *
 * @param rotary the positions that result
 * @param contextLength the longest sequence with them
 */
record RopeSettings(Rotary rotary, int contextLength) {
  private static final double DEFAULT_THETA = 10_000;

  /** Keys that any kind may have. */
  private static final Set<String> COMMON =
      Set.of("type", "rope_type", "rope_theta", "partial_rotary_factor");

  /** Further keys of each kind. */
  private static final Map<String, Set<String>> KEYS =
      Map.of(
          "default",
          Set.of(),
          "linear",
          Set.of("factor"),
          "dynamic",
          Set.of("factor", "original_max_position_embeddings"),
          "llama3",
          Set.of(
              "factor", "low_freq_factor", "high_freq_factor", "original_max_position_embeddings"),
          "yarn",
          Set.of(
              "factor",
              "original_max_position_embeddings",
              "attention_factor",
              "beta_fast",
              "beta_slow",
              "mscale",
              "mscale_all_dim",
              "truncate",
              "finetuned")); // a note to the reader in models by YaRN's authors

  /**
   * Reads them.
   *
   * @param json the whole configuration
   * @param headSize channels of a head
   * @param context {@code max_position_embeddings}
   * @param defaultPart the part of a head's channels that is rotated, if the file does not say
   */
  static RopeSettings of(JsonObject json, int headSize, int context, double defaultPart)
      throws IOException {
    boolean older = json.has("rope_scaling");
    if (older && json.has("rope_parameters")) {
      throw json.problem("rope_scaling", "and there is \"rope_parameters\"; expected one of them");
    }
    JsonObject rope = json.within(older ? "rope_scaling" : "rope_parameters");
    double theta =
        rope.real("rope_theta", either(json, "rope_theta", "rotary_emb_base", DEFAULT_THETA));
    double part =
        rope.real(
            "partial_rotary_factor",
            either(json, "partial_rotary_factor", "rotary_pct", defaultPart));
    int dimensions = (int) (headSize * part);
    Rotary.Scaling scaling = scaling(rope, context, json);
    try {
      return new RopeSettings(
          new Rotary(dimensions, theta, scaling), contextLength(scaling, context, rope));
    } catch (IllegalArgumentException e) {
      throw (IOException) json.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  /** A setting that has a different name in GPT-NeoX. */
  private static double either(JsonObject json, String key, String neoxKey, double defaultValue)
      throws IOException {
    double value = json.real(key, json.real(neoxKey, defaultValue));
    if (value != json.real(neoxKey, value)) {
      throw json.problem(key, "and \"" + neoxKey + "\" is another; expected one of them");
    }
    return value;
  }

  private static Rotary.Scaling scaling(JsonObject rope, int context, JsonObject json)
      throws IOException {
    String type = rope.text("rope_type");
    String olderType = rope.text("type");
    type = type != null ? type : olderType != null ? olderType : "default";
    Set<String> keys = KEYS.get(type);
    if (keys == null) {
      throw rope.problem(
          rope.has("rope_type") ? "rope_type" : "type",
          "which this runtime does not implement; expected default, linear, dynamic, llama3 or yarn");
    }
    Set<String> unknown = new TreeSet<>(rope.names());
    unknown.removeAll(COMMON);
    unknown.removeAll(keys);
    unknown.removeIf(key -> !rope.has(key));
    if (!unknown.isEmpty()) {
      String key = unknown.iterator().next();
      throw rope.problem(key, "which is no setting of the kind " + type);
    }
    return switch (type) {
      case "linear" -> new Rotary.Linear(factor(rope));
      case "dynamic" -> {
        if (original(rope, context, json) != context) {
          throw rope.problem(
              "original_max_position_embeddings",
              "which this runtime does not implement for dynamic scaling; expected "
                  + context
                  + ", \"max_position_embeddings\"");
        }
        yield new Rotary.Dynamic(factor(rope), context);
      }
      case "llama3" -> llama3(rope, original(rope, context, json));
      case "yarn" -> yarn(rope, context, original(rope, context, json));
      default -> new Rotary.Unscaled();
    };
  }

  private static int original(JsonObject rope, int context, JsonObject json) throws IOException {
    String key = "original_max_position_embeddings";
    return json.has(key) ? json.size(key) : rope.size(key, context);
  }

  private static double factor(JsonObject rope) throws IOException {
    double factor = rope.real("factor");
    if (factor < 1) {
      throw rope.problem("factor", "expected at least 1");
    }
    return factor;
  }

  private static Rotary.Scaling llama3(JsonObject rope, int original) throws IOException {
    double low = rope.real("low_freq_factor");
    double high = rope.real("high_freq_factor");
    if (!(low > 0 && low < high)) {
      throw rope.problem("low_freq_factor", "expected above 0 and below \"high_freq_factor\"");
    }
    return new Rotary.Llama3(factor(rope), low, high, original);
  }

  /** {@code _compute_yarn_parameters}. Numbers that are 0 count as missing there. */
  private static Rotary.Scaling yarn(JsonObject rope, int context, int original)
      throws IOException {
    double factor = rope.has("factor") ? factor(rope) : (double) context / original;
    double mscale = rope.real("mscale", 0);
    double mscaleAllDim = rope.real("mscale_all_dim", 0);
    double attentionFactor =
        mscale != 0 && mscaleAllDim != 0
            ? mscale(factor, mscale) / mscale(factor, mscaleAllDim)
            : mscale(factor, 1);
    attentionFactor = rope.real("attention_factor", attentionFactor);
    double fast = rope.real("beta_fast", 0);
    double slow = rope.real("beta_slow", 0);
    fast = fast == 0 ? 32 : fast;
    slow = slow == 0 ? 1 : slow;
    if (!(attentionFactor > 0)) {
      throw rope.problem("attention_factor", "expected above 0");
    }
    if (!(slow > 0 && slow <= fast)) {
      throw rope.problem("beta_slow", "expected above 0 and at most \"beta_fast\"");
    }
    if (factor < 1) {
      throw rope.problem(
          "original_max_position_embeddings", "expected at most \"max_position_embeddings\"");
    }
    return new Rotary.Yarn(
        factor, original, fast, slow, attentionFactor, rope.flag("truncate", true));
  }

  private static double mscale(double scale, double mscale) {
    return scale <= 1 ? 1 : 0.1 * mscale * Math.log(scale) + 1;
  }

  private static int contextLength(Rotary.Scaling scaling, int context, JsonObject rope)
      throws IOException {
    double length = context;
    if (scaling instanceof Rotary.Yarn yarn) {
      length = Math.max(context, yarn.factor() * yarn.trainedContext());
    } else if (scaling instanceof Rotary.Dynamic dynamic) {
      length = dynamic.factor() * context;
    }
    if (length > Integer.MAX_VALUE) {
      throw rope.problem("factor", "which makes a context of more than 2^31 - 1 tokens");
    }
    return (int) length;
  }
}

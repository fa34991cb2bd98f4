package io.fundamentallm.runtime.cpu.format.huggingface;

import io.fundamentallm.internal.json.JsonObject;
import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.Rope;
import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * The rotary settings of Hugging Face's config.json, in the older form ({@code rope_theta} beside
 * {@code rope_scaling}) and in the newer ({@code rope_parameters}), with the defaults and the
 * meaning that transformers' modeling_rope_utils.py gives them.
 */
final class RopeSettings {
  private static final double DEFAULT_THETA = 10_000;
  private static final String LOCAL_THETA = "rope_local_base_freq";
  private static final String FULL = "full_attention";
  private static final String SLIDING = "sliding_attention";
  private static final String PARAMETERS = "rope_parameters";
  private static final String ORIGINAL = "original_max_position_embeddings";

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
          "longrope",
          Set.of(
              "factor",
              "original_max_position_embeddings",
              "attention_factor",
              "short_factor",
              "long_factor"),
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

  private final JsonObject json;
  private final int headSize;
  private final int context;
  private final double usualPart;

  private RopeSettings(JsonObject json, int headSize, int context, double usualPart) {
    this.json = json;
    this.headSize = headSize;
    this.context = context;
    this.usualPart = usualPart;
  }

  /**
   * Reads those of a family.
   *
   * @param json the whole configuration
   * @param headSize channels of a head
   * @param context {@code max_position_embeddings}
   */
  static Rope of(Family family, JsonObject json, int headSize, int context) throws IOException {
    if (family.names().has(Part.POSITIONS)) {
      return new Rope(null, null, context);
    }
    double part = family.number("partial_rotary_factor", 1);
    double theta = family.number("rope_theta", DEFAULT_THETA);
    JsonObject whole =
        family.reads(ORIGINAL)
            ? json.withDefaults(Collections.singletonMap(ORIGINAL, family.keys().get(ORIGINAL)))
            : json;
    RopeSettings settings = new RopeSettings(whole, headSize, context, part);
    Rope rope = settings.read(family.reads(LOCAL_THETA) ? FULL : "", theta);
    Rotary rotary = rope.rotary();
    if (rotary != null
        && rotary.dimensions() != headSize
        && !family.reads("partial_rotary_factor")) {
      throw json.problem(
          "partial_rotary_factor makes "
              + rotary.dimensions()
              + " of "
              + headSize
              + " channels turn, which model_type "
              + family.type()
              + " does not implement; expected 1");
    }
    if (!family.reads(LOCAL_THETA)) {
      return rope;
    }
    double local = json.real(LOCAL_THETA, family.number(LOCAL_THETA, DEFAULT_THETA));
    JsonObject within = json.within(PARAMETERS);
    Rope sliding =
        within.has(SLIDING)
            ? settings.read(SLIDING, local)
            : new Rope(new Rotary(headSize, local, new Rotary.Unscaled()), null, context);
    return new Rope(rotary, sliding.rotary(), rope.contextLength());
  }

  /**
   * Reads the settings of all layers.
   *
   * @param part the part of a head's channels that is rotated, if the file does not say
   */
  static Rope of(JsonObject json, int headSize, int context, double part) throws IOException {
    return new RopeSettings(json, headSize, context, part).read("", DEFAULT_THETA);
  }

  /**
   * Reads the settings of some layers.
   *
   * @param kind of layers, if the parameters are given for each kind
   */
  private Rope read(String kind, double usualTheta) throws IOException {
    boolean older = json.has("rope_scaling");
    if (older && json.has(PARAMETERS)) {
      throw json.problem("rope_scaling", "and there is \"rope_parameters\"; expected one of them");
    }
    JsonObject rope = json.within(older ? "rope_scaling" : PARAMETERS);
    rope = !kind.isEmpty() && rope.has(kind) ? rope.within(kind) : rope;
    double theta = rope.real("rope_theta", either("rope_theta", "rotary_emb_base", usualTheta));
    double part =
        rope.real(
            "partial_rotary_factor", either("partial_rotary_factor", "rotary_pct", usualPart));
    int dimensions = (int) (headSize * part);
    Rotary.Scaling scaling = scaling(rope, dimensions);
    try {
      Rotary rotary = new Rotary(dimensions, theta, scaling);
      return new Rope(rotary, rotary, contextLength(scaling, rope));
    } catch (IllegalArgumentException e) {
      throw (IOException) json.problem(String.valueOf(e.getMessage())).initCause(e);
    }
  }

  /** A setting that has a different name in GPT-NeoX. */
  private double either(String key, String neoxKey, double defaultValue) throws IOException {
    double value = json.real(key, json.real(neoxKey, defaultValue));
    if (value != json.real(neoxKey, value)) {
      throw json.problem(key, "and \"" + neoxKey + "\" is another; expected one of them");
    }
    return value;
  }

  private Rotary.Scaling scaling(JsonObject rope, int dimensions) throws IOException {
    String type = rope.text("rope_type");
    String olderType = rope.text("type");
    type = type != null ? type : olderType != null ? olderType : "default";
    // Phi-3 was published with other names for it
    type = type.equals("su") || rope.has("short_factor") ? "longrope" : type;
    Set<String> keys = KEYS.get(type);
    if (keys == null) {
      throw rope.problem(
          rope.has("rope_type") ? "rope_type" : "type",
          "which this runtime does not implement; expected default, linear, dynamic, llama3, longrope or yarn");
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
        if (original(rope) != context) {
          throw rope.problem(
              "original_max_position_embeddings",
              "which this runtime does not implement for dynamic scaling; expected "
                  + context
                  + ", \"max_position_embeddings\"");
        }
        yield new Rotary.Dynamic(factor(rope), context);
      }
      case "llama3" -> llama3(rope, original(rope));
      case "longrope" -> longRope(rope, dimensions);
      case "yarn" -> yarn(rope, original(rope));
      default -> new Rotary.Unscaled();
    };
  }

  private int original(JsonObject rope) throws IOException {
    return json.has(ORIGINAL) ? json.size(ORIGINAL) : rope.size(ORIGINAL, context);
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

  /** {@code _compute_longrope_parameters}. */
  private Rotary.Scaling longRope(JsonObject rope, int dimensions) throws IOException {
    int original = original(rope);
    boolean given = json.has(ORIGINAL) || rope.has(ORIGINAL) || !rope.has("factor");
    double factor = given ? (double) context / original : rope.real("factor");
    double usual =
        factor <= 1 || original == 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
    double attention = rope.real("attention_factor", usual);
    if (!(attention > 0)) {
      throw rope.problem("attention_factor", "expected above 0");
    }
    return new Rotary.LongRope(
        divisors(rope, "short_factor", dimensions / 2),
        divisors(rope, "long_factor", dimensions / 2),
        original,
        attention);
  }

  private static List<Float> divisors(JsonObject rope, String key, int count) throws IOException {
    List<Float> divisors = new ArrayList<>();
    for (double divisor : rope.reals(key)) {
      if (!(divisor > 0)) {
        throw rope.problem(key, "which divides a frequency by " + divisor + ", expected above 0");
      }
      divisors.add((float) divisor);
    }
    if (divisors.size() != count) {
      throw rope.problem(key, "of length " + divisors.size() + ", expected " + count);
    }
    return divisors;
  }

  /** {@code _compute_yarn_parameters}. Numbers that are 0 count as missing there. */
  private Rotary.Scaling yarn(JsonObject rope, int original) throws IOException {
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

  private int contextLength(Rotary.Scaling scaling, JsonObject rope) throws IOException {
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

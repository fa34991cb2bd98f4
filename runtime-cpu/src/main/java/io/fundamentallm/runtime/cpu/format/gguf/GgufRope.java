package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.runtime.cpu.format.spec.Family;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.Rope;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The rotary settings of a GGUF file, with llama.cpp's defaults. */
public final class GgufRope {
  /**
   * A tensor of divisors, one for each pair of channels, in which llama.cpp writes Llama 3.1's
   * rule.
   */
  private static final String DIVISORS = "rope_freqs.weight";

  /** Tensors of divisors for shorter and for longer sequences, as in Phi-3. */
  private static final String SHORT = "rope_factors_short.weight";

  private static final String LONG = "rope_factors_long.weight";

  private final Family family;
  private final GgufKeys keys;
  private final TensorFiles files;
  private final String prefix;

  GgufRope(Family family, GgufKeys keys, TensorFiles files) {
    this.family = family;
    this.keys = keys;
    this.files = files;
    this.prefix = family.gguf().architecture() + ".rope.";
  }

  /** Whether a tensor belongs to the rotary settings. */
  public static boolean owns(String tensor) {
    return tensor.equals(DIVISORS) || tensor.equals(SHORT) || tensor.equals(LONG);
  }

  /**
   * Reads them.
   *
   * @param context the context length
   */
  Rope read(int headSize, int context) throws IOException {
    if (family.names().has(Part.POSITIONS)) {
      return new Rope(null, null, context);
    }
    int dimensions = keys.size(prefix + "dimension_count", headSize);
    if (!family.reads("partial_rotary_factor") && dimensions != headSize) {
      throw keys.problem(
          prefix + "dimension_count",
          "which this runtime does not implement for this architecture; expected " + headSize);
    }
    double theta = keys.real(prefix + "freq_base", 10_000);
    Rotary.Scaling scaling =
        files.tensors().containsKey(SHORT) ? longRope(dimensions, context) : scaling(context);
    if (files.tensors().containsKey(DIVISORS)) {
      Tensor divisors = files.tensor(DIVISORS).require(dimensions / 2);
      if (!(scaling instanceof Rotary.Unscaled)) {
        throw divisors.problem("comes on top of " + prefix + "scaling; expected one of them");
      }
      scaling = new Rotary.Divided(divisors(divisors));
    }
    Rotary rotary = new Rotary(dimensions, theta, scaling);
    Rotary sliding = rotary;
    if (family.reads("rope_local_base_freq")) {
      double usual = family.number("rope_local_base_freq", theta);
      double local = keys.real(prefix + "freq_base_swa", usual);
      sliding = new Rotary(dimensions, local, new Rotary.Unscaled());
    }
    double length =
        scaling instanceof Rotary.Yarn yarn
            ? Math.max(context, yarn.factor() * yarn.trainedContext())
            : context;
    return new Rope(rotary, sliding, (int) Math.min(Integer.MAX_VALUE, length));
  }

  private Rotary.Scaling longRope(int dimensions, int context) throws IOException {
    String type = keys.text(prefix + "scaling.type");
    if (!type.isEmpty() && !type.equals("longrope")) {
      throw keys.problem(prefix + "scaling.type", "beside \"" + SHORT + "\"; expected longrope");
    }
    keys.real(prefix + "scaling.factor", 1); // has no effect beside divisors
    keys.flag(prefix + "scaling.finetuned", false);
    double attention = keys.real(prefix + "scaling.attn_factor", 1);
    if (!(attention > 0)) {
      throw keys.problem(prefix + "scaling.attn_factor", "expected above 0");
    }
    return new Rotary.LongRope(
        divisors(files.tensor(SHORT).require(dimensions / 2)),
        divisors(files.tensor(LONG).require(dimensions / 2)),
        keys.size(prefix + "scaling.original_context_length", context),
        attention);
  }

  private Rotary.Scaling scaling(int context) throws IOException {
    String type = keys.text(prefix + "scaling.type");
    double factor = keys.real(prefix + "scaling.factor", 0);
    // before there were types, a factor alone meant linear scaling, under either key
    factor = factor == 0 ? keys.real(prefix + "scale_linear", 0) : factor;
    factor = factor == 0 ? 1 : factor;
    if (factor < 1) {
      throw keys.problem(prefix + "scaling.factor", "expected at least 1");
    }
    int original = keys.size(prefix + "scaling.original_context_length", context);
    keys.flag(prefix + "scaling.finetuned", false); // has no effect on the computation
    double attention = keys.real(prefix + "scaling.attn_factor", 1);
    attention = keys.real(prefix + "scaling.yarn_attn_factor", attention);
    keys.require(prefix + "scaling.yarn_log_multiplier", 0);
    keys.require(prefix + "scaling.yarn_ext_factor", 1);
    double fast = keys.real(prefix + "scaling.yarn_beta_fast", 32);
    double slow = keys.real(prefix + "scaling.yarn_beta_slow", 1);
    switch (type) {
      case "none", "linear", "" -> {
        keys.require(prefix + "scaling.attn_factor", 1);
        keys.require(prefix + "scaling.yarn_attn_factor", 1);
        boolean unscaled = type.equals("none") || factor == 1;
        return unscaled ? new Rotary.Unscaled() : new Rotary.Linear(factor);
      }
      case "yarn" -> {
        if (!(slow > 0 && slow <= fast)) {
          throw keys.problem(
              prefix + "scaling.yarn_beta_slow", "expected above 0 and at most yarn_beta_fast");
        }
        // rope_yarn in ggml-cpu: cosines and sines grow with the logarithm of the factor
        return new Rotary.Yarn(
            factor, original, fast, slow, attention * (1 + 0.1 * Math.log(factor)), true);
      }
      default ->
          throw keys.problem(
              prefix + "scaling.type",
              "which this runtime does not implement; expected none, linear or yarn");
    }
  }

  private static List<Float> divisors(Tensor tensor) throws IOException {
    List<Float> divisors = new ArrayList<>();
    for (float divisor : tensor.read()) {
      if (!(divisor > 0 && divisor < Float.POSITIVE_INFINITY)) {
        throw tensor.problem("divides a frequency by " + divisor + ", expected above 0");
      }
      divisors.add(divisor);
    }
    return divisors;
  }
}

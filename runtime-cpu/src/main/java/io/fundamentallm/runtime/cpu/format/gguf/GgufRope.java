package io.fundamentallm.runtime.cpu.format.gguf;

import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.model.Rotary;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** The rotary settings of a GGUF file, with llama.cpp's defaults. */
final class GgufRope {
  /**
   * A tensor of divisors, one for each pair of channels, in which llama.cpp writes Llama 3.1's
   * rule.
   */
  private static final String DIVISORS = "rope_freqs.weight";

  private final GgufKeys keys;
  private final TensorFiles files;
  private final String prefix;

  GgufRope(GgufKeys keys, TensorFiles files, String architecture) {
    this.keys = keys;
    this.files = files;
    this.prefix = architecture + ".rope.";
  }

  /**
   * Reads them.
   *
   * @param context the context length
   * @param partial whether the architecture can rotate only a part of a head's channels
   */
  Rotary rotary(int headSize, int context, boolean partial) throws IOException {
    int dimensions = keys.size(prefix + "dimension_count", headSize);
    if (!partial && dimensions != headSize) {
      throw keys.problem(
          prefix + "dimension_count",
          "which this runtime does not implement for this architecture; expected " + headSize);
    }
    double theta = keys.real(prefix + "freq_base", 10_000);
    Rotary.Scaling scaling = scaling(context);
    if (files.tensors().containsKey(DIVISORS)) {
      Tensor divisors = files.tensor(DIVISORS).require(dimensions / 2);
      scaling = divided(divisors, scaling);
    }
    return new Rotary(dimensions, theta, scaling);
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

  private Rotary.Scaling divided(Tensor tensor, Rotary.Scaling scaling) throws IOException {
    List<Float> divisors = new ArrayList<>();
    for (float divisor : tensor.read()) {
      if (!(divisor > 0 && divisor < Float.POSITIVE_INFINITY)) {
        throw tensor.problem("divides a frequency by " + divisor + ", expected above 0");
      }
      divisors.add(divisor);
    }
    if (!(scaling instanceof Rotary.Unscaled)) {
      throw tensor.problem("comes on top of " + prefix + "scaling; expected one of them");
    }
    return new Rotary.Divided(divisors);
  }
}

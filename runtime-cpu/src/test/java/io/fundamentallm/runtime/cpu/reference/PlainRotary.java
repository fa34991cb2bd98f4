package io.fundamentallm.runtime.cpu.reference;

import java.util.List;
import java.util.Map;

/**
 * Rotary positions with the scalings of Hugging Face's modeling_rope_utils.py. {@code
 * rope_parameters}, as version 5 writes it, or {@code rope_theta} and {@code rope_scaling}.
 */
final class PlainRotary {
  private final int dimensions;
  private final double theta;
  private final int maxPositions;
  private final int original;
  private final Map<String, Object> scaling;
  private final String type;

  /** Whether the sequence is longer than the one trained on; matters to longrope alone. */
  private boolean beyond;

  /**
   * Reads the settings.
   *
   * @param headSize channels of a head
   * @param thetaKey what the base was called before version 5
   * @param partialKey what the part of a head that turns was called before version 5
   */
  PlainRotary(HuggingFaceModel model, int headSize, String thetaKey, String partialKey) {
    Map<String, Object> parameters = model.map("rope_parameters");
    boolean old = parameters.isEmpty();
    this.scaling = old ? model.map("rope_scaling") : parameters;
    this.theta =
        old
            ? model.real(thetaKey, 10_000)
            : HuggingFaceModel.real(parameters, "rope_theta", 10_000);
    double part =
        old
            ? model.real(partialKey, 1)
            : HuggingFaceModel.real(parameters, "partial_rotary_factor", 1);
    this.dimensions = (int) (headSize * part);
    this.original =
        model.size(
            "original_max_position_embeddings",
            (int)
                HuggingFaceModel.real(
                    scaling,
                    "original_max_position_embeddings",
                    model.size("max_position_embeddings")));
    this.maxPositions = model.size("max_position_embeddings");
    // before rope_type the key was called type
    Object named = scaling.getOrDefault("rope_type", scaling.getOrDefault("type", "default"));
    this.type = named.equals("su") ? "longrope" : (String) named;
  }

  /** Rotary positions without scaling. */
  PlainRotary(int dimensions, double theta) {
    this.dimensions = dimensions;
    this.theta = theta;
    this.maxPositions = 0;
    this.original = 0;
    this.scaling = Map.of();
    this.type = "default";
  }

  /** Where longrope takes its other factors: sequences longer than this; 0 for nowhere. */
  int switchesAt() {
    return type.equals("longrope") ? original : 0;
  }

  void beyond(boolean value) {
    beyond = value;
  }

  private double setting(String key, double ifMissing) {
    return HuggingFaceModel.real(scaling, key, ifMissing);
  }

  /** Turns the heads of each row, whose index is its position. */
  double[][] turned(double[][] x, int headSize) {
    double[][] y = new double[x.length][];
    int half = dimensions / 2;
    for (int t = 0; t < x.length; t++) {
      y[t] = x[t].clone();
      double[] frequencies = frequencies(t);
      for (int from = 0; from < x[t].length; from += headSize) {
        for (int i = 0; i < half; i++) {
          double cos = Math.cos(t * frequencies[i]) * attentionFactor();
          double sin = Math.sin(t * frequencies[i]) * attentionFactor();
          // x·cos + rotate_half(x)·sin
          double first = x[t][from + i];
          double second = x[t][from + half + i];
          y[t][from + i] = first * cos - second * sin;
          y[t][from + half + i] = second * cos + first * sin;
        }
      }
    }
    return y;
  }

  double[] frequencies(int position) {
    double[] frequencies = unscaled(theta);
    switch (type) {
      case "default" -> {}
      case "linear" -> {
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] /= setting("factor", Double.NaN);
        }
      }
      case "dynamic" -> {
        // as when generating token by token: seq_len is then the position plus one
        double length = Math.max(position + 1, maxPositions);
        double factor = setting("factor", Double.NaN);
        double grown = factor * length / maxPositions - (factor - 1);
        return unscaled(theta * Math.pow(grown, dimensions / (dimensions - 2.0)));
      }
      case "llama3" -> {
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] = llama3(frequencies[i]);
        }
      }
      case "yarn" -> {
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] = yarn(frequencies[i], i);
        }
      }
      case "longrope" -> {
        List<?> factors = (List<?>) scaling.get(beyond ? "long_factor" : "short_factor");
        for (int i = 0; i < frequencies.length; i++) {
          frequencies[i] /= ((Number) factors.get(i)).doubleValue();
        }
      }
      default -> throw new IllegalArgumentException(type);
    }
    return frequencies;
  }

  private double[] unscaled(double base) {
    double[] frequencies = new double[dimensions / 2];
    for (int i = 0; i < frequencies.length; i++) {
      frequencies[i] = 1 / Math.pow(base, 2.0 * i / dimensions);
    }
    return frequencies;
  }

  private double llama3(double frequency) {
    double factor = setting("factor", Double.NaN);
    double low = setting("low_freq_factor", Double.NaN);
    double high = setting("high_freq_factor", Double.NaN);
    double trained = setting("original_max_position_embeddings", Double.NaN);
    double wavelength = 2 * Math.PI / frequency;
    if (wavelength < trained / high) {
      return frequency;
    }
    if (wavelength > trained / low) {
      return frequency / factor;
    }
    double smooth = (trained / wavelength - low) / (high - low);
    return (1 - smooth) * frequency / factor + smooth * frequency;
  }

  private double yarn(double frequency, int index) {
    double low = correction(setting("beta_fast", 32));
    double high = correction(setting("beta_slow", 1));
    if (!Boolean.FALSE.equals(scaling.get("truncate"))) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, dimensions - 1);
    if (low == high) {
      high += 0.001;
    }
    double ramp = Math.min(1, Math.max(0, (index - low) / (high - low)));
    return frequency / setting("factor", Double.NaN) * ramp + frequency * (1 - ramp);
  }

  /** The channel that turns so many times within the trained context. */
  private double correction(double rotations) {
    double trained = setting("original_max_position_embeddings", maxPositions);
    return dimensions * Math.log(trained / (rotations * 2 * Math.PI)) / (2 * Math.log(theta));
  }

  double attentionFactor() {
    if (type.equals("longrope")) {
      double factor = (double) maxPositions / original;
      double usual = factor <= 1 ? 1 : Math.sqrt(1 + Math.log(factor) / Math.log(original));
      return setting("attention_factor", usual);
    }
    if (!type.equals("yarn")) {
      return 1;
    }
    double factor = setting("factor", Double.NaN);
    double mscale = setting("mscale", 0);
    double all = setting("mscale_all_dim", 0);
    double defaultValue =
        mscale != 0 && all != 0 ? mscale(factor, mscale) / mscale(factor, all) : mscale(factor, 1);
    return setting("attention_factor", defaultValue);
  }

  private static double mscale(double factor, double mscale) {
    return factor <= 1 ? 1 : 0.1 * mscale * Math.log(factor) + 1;
  }
}

package io.fundamentallm.runtime.cpu.model;

import java.util.List;

/**
 * Rotary position embedding (Su et al. 2021) in the half-split form of GPT-NeoX and Hugging Face:
 * channel i of a head is rotated together with channel i + dimensions/2.
 *
 * @param dimensions how many of a head's first channels are rotated; even
 * @param theta base of the frequencies; 10,000 in the paper
 * @param scaling how frequencies are stretched for contexts beyond the one trained on
 */
public record Rotary(int dimensions, double theta, Scaling scaling) {

  /** Checks the values. */
  public Rotary {
    if (dimensions < 2 || dimensions % 2 != 0) {
      throw new IllegalArgumentException(
          "rotary dimensions must be even and at least 2, not " + dimensions);
    }
    if (!(theta > 0) || Double.isInfinite(theta)) {
      throw new IllegalArgumentException("rope_theta must be above 0, not " + theta);
    }
  }

  /** A rule of {@code rope_scaling} in Hugging Face's config.json. */
  public sealed interface Scaling {}

  /** No scaling. */
  public record Unscaled() implements Scaling {}

  /**
   * Position interpolation (Chen et al. 2023): positions divided by the factor.
   *
   * @param factor at least 1
   */
  public record Linear(double factor) implements Scaling {}

  /**
   * Dynamic NTK scaling: beyond the trained context the base grows with the position. Each position
   * is rotated as if it were the last of its sequence, so results do not depend on how a text is
   * cut into passes; Hugging Face does the same when it generates token by token.
   *
   * @param factor at least 1
   * @param trainedContext {@code max_position_embeddings}
   */
  public record Dynamic(double factor, int trainedContext) implements Scaling {}

  /**
   * Llama 3.1's rule: low frequencies divided by the factor, high ones kept, those between blended.
   *
   * @param factor at least 1
   * @param lowFrequencyFactor {@code low_freq_factor}
   * @param highFrequencyFactor {@code high_freq_factor}
   * @param trainedContext {@code original_max_position_embeddings}
   */
  public record Llama3(
      double factor, double lowFrequencyFactor, double highFrequencyFactor, int trainedContext)
      implements Scaling {}

  /**
   * Each frequency divided by its own number, as GGUF files hold Llama 3.1's rule.
   *
   * @param divisors one for each pair of channels, above 0
   */
  public record Divided(List<Float> divisors) implements Scaling {
    /** Copies the divisors. */
    public Divided {
      divisors = List.copyOf(divisors);
    }
  }

  /**
   * LongRoPE (Ding et al. 2024): each frequency divided by its own number, by another one in
   * sequences longer than the trained context. There all positions are rotated by the second
   * divisors, also those before the trained context's end.
   *
   * @param shortDivisors one for each pair of channels, above 0
   * @param longDivisors one for each pair of channels, above 0
   * @param trainedContext {@code original_max_position_embeddings}
   * @param attentionFactor factor on cosines and sines
   */
  public record LongRope(
      List<Float> shortDivisors,
      List<Float> longDivisors,
      int trainedContext,
      double attentionFactor)
      implements Scaling {
    /** Copies the divisors. */
    public LongRope {
      shortDivisors = List.copyOf(shortDivisors);
      longDivisors = List.copyOf(longDivisors);
    }
  }

  /**
   * YaRN (Peng et al. 2023).
   *
   * @param factor at least 1
   * @param trainedContext {@code original_max_position_embeddings}
   * @param betaFast rotations above which a frequency is kept; 32 in the paper
   * @param betaSlow rotations below which it is divided by the factor; 1 in the paper
   * @param attentionFactor factor on cosines and sines, resolved as Hugging Face does
   * @param truncate whether the bounds of the blend are rounded to whole channels
   */
  public record Yarn(
      double factor,
      int trainedContext,
      double betaFast,
      double betaSlow,
      double attentionFactor,
      boolean truncate)
      implements Scaling {}
}

package io.fundamentallm.runtime.cpu.model;

import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Cosines and sines of the angles by which the channels of a head are rotated, for each position.
 * Computed in double, for as many positions as have been needed so far. One thread at a time.
 */
public final class RotaryTable {
  private static final int FIRST_POSITIONS = 256;

  private final Rotary rotary;
  private final @Nullable RotaryTable beyond; // the trained context of LongRoPE
  private final int half;
  private final double[] frequencies;
  private final double factor;
  private float[] cosines = {};
  private float[] sines = {};
  private int positions;

  /** Angles by this rule. */
  public RotaryTable(Rotary rotary) {
    this(
        rotary,
        frequencies(rotary),
        rotary.scaling() instanceof Rotary.LongRope
            ? new RotaryTable(rotary, frequenciesBeyond(rotary), null)
            : null);
  }

  private RotaryTable(Rotary rotary, double[] frequencies, @Nullable RotaryTable beyond) {
    this.rotary = rotary;
    this.frequencies = frequencies;
    this.beyond = beyond;
    half = rotary.dimensions() / 2;
    factor = factor(rotary);
  }

  /** What cosines and sines are multiplied by. */
  public static double factor(Rotary rotary) {
    return rotary.scaling() instanceof Rotary.Yarn yarn
        ? yarn.attentionFactor()
        : rotary.scaling() instanceof Rotary.LongRope longRope ? longRope.attentionFactor() : 1;
  }

  /** Pairs of channels. */
  public int half() {
    return half;
  }

  /** Makes sure that positions below this length are computed. */
  public void extendTo(int length, int contextLength) {
    if (length <= positions) {
      return;
    }
    if (beyond != null) {
      beyond.extendTo(length, contextLength);
    }
    int end = Math.min(contextLength, Math.max(length, Math.max(FIRST_POSITIONS, 2 * positions)));
    cosines = Arrays.copyOf(cosines, Math.multiplyExact(end, half));
    sines = Arrays.copyOf(sines, end * half);
    for (int position = positions; position < end; position++) {
      double[] of = at(position);
      for (int i = 0; i < half; i++) {
        double angle = position * of[i];
        cosines[position * half + i] = (float) (factor * StrictMath.cos(angle));
        sines[position * half + i] = (float) (factor * StrictMath.sin(angle));
      }
    }
    positions = end;
  }

  /** The table for sequences within the trained context of LongRoPE, or for longer ones. */
  public RotaryTable of(boolean longer) {
    return longer && beyond != null ? beyond : this;
  }

  /** [positions][half]. */
  public float[] cosines() {
    return cosines;
  }

  /** [positions][half]. */
  public float[] sines() {
    return sines;
  }

  private double[] at(int position) {
    if (rotary.scaling() instanceof Rotary.Dynamic dynamic
        && position + 1 > dynamic.trainedContext()) {
      int d = rotary.dimensions();
      double stretch =
          dynamic.factor() * (position + 1) / dynamic.trainedContext() - (dynamic.factor() - 1);
      return unscaled(d, rotary.theta() * StrictMath.pow(stretch, d / (d - 2.0)));
    }
    return frequencies;
  }

  private static double[] unscaled(int dimensions, double theta) {
    double[] result = new double[dimensions / 2];
    for (int i = 0; i < result.length; i++) {
      result[i] = StrictMath.pow(theta, -2.0 * i / dimensions);
    }
    return result;
  }

  /** Angles per position, one for each pair of channels, within the trained context. */
  public static double[] frequencies(Rotary rotary) {
    double[] of = unscaled(rotary.dimensions(), rotary.theta());
    if (rotary.scaling() instanceof Rotary.Linear linear) {
      for (int i = 0; i < of.length; i++) {
        of[i] /= linear.factor();
      }
    } else if (rotary.scaling() instanceof Rotary.Llama3 llama) {
      for (int i = 0; i < of.length; i++) {
        of[i] = llama3(of[i], llama);
      }
    } else if (rotary.scaling() instanceof Rotary.Divided divided) {
      divide(of, divided.divisors());
    } else if (rotary.scaling() instanceof Rotary.LongRope longRope) {
      divide(of, longRope.shortDivisors());
    } else if (rotary.scaling() instanceof Rotary.Yarn yarn) {
      yarn(of, rotary, yarn);
    }
    return of;
  }

  /** The same beyond the trained context of LongRoPE. */
  public static double[] frequenciesBeyond(Rotary rotary) {
    double[] of = unscaled(rotary.dimensions(), rotary.theta());
    if (rotary.scaling() instanceof Rotary.LongRope longRope) {
      divide(of, longRope.longDivisors());
    }
    return of;
  }

  private static void divide(double[] of, List<Float> divisors) {
    for (int i = 0; i < of.length; i++) {
      of[i] /= divisors.get(i);
    }
  }

  private static double llama3(double frequency, Rotary.Llama3 rule) {
    double length = 2 * Math.PI / frequency;
    if (length < rule.trainedContext() / rule.highFrequencyFactor()) {
      return frequency;
    }
    if (length > rule.trainedContext() / rule.lowFrequencyFactor()) {
      return frequency / rule.factor();
    }
    double smooth =
        (rule.trainedContext() / length - rule.lowFrequencyFactor())
            / (rule.highFrequencyFactor() - rule.lowFrequencyFactor());
    return (1 - smooth) * frequency / rule.factor() + smooth * frequency;
  }

  private static void yarn(double[] of, Rotary rotary, Rotary.Yarn rule) {
    double low = channel(rule.betaFast(), rotary, rule);
    double high = channel(rule.betaSlow(), rotary, rule);
    if (rule.truncate()) {
      low = Math.floor(low);
      high = Math.ceil(high);
    }
    low = Math.max(low, 0);
    high = Math.min(high, rotary.dimensions() - 1);
    if (low == high) {
      high += 0.001; // as in the paper's code, against division by zero
    }
    for (int i = 0; i < of.length; i++) {
      double ramp = Math.min(1, Math.max(0, (i - low) / (high - low)));
      of[i] = of[i] / rule.factor() * ramp + of[i] * (1 - ramp);
    }
  }

  /** The channel that makes this many rotations over the trained context. */
  private static double channel(double rotations, Rotary rotary, Rotary.Yarn rule) {
    return rotary.dimensions()
        * StrictMath.log(rule.trainedContext() / (rotations * 2 * Math.PI))
        / (2 * StrictMath.log(rotary.theta()));
  }
}

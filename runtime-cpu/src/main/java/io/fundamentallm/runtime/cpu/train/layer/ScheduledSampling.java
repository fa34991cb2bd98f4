package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import java.util.Map;
import java.util.function.DoubleUnaryOperator;

/**
 * Scheduled sampling (Bengio et al. 2015): tokens of the context are replaced by what the model
 * itself would have written there, so that it learns to continue from its own text. It has the
 * parallel form of Mihaylova and Martins 2019: one forward pass over the true tokens predicts all
 * positions, and the second, which has the gradients, sees some of these predictions. A prediction
 * is drawn from the model's distribution and is not the likeliest token, because text is generated
 * by drawing.
 *
 * <p>A spec says how often, of the i-th of N steps, from 0: {@code none}; {@code constant(p)}; and
 * {@code max·(1 − ε)} with the decays ε of Bengio et al.: {@code linear(max=0.25)}, {@code ε = 1 −
 * i/(N − 1)}; {@code inverse-sigmoid(max=0.25,k=N/10)}, {@code ε = k/(k + exp(i/k))} with k at
 * least 1; {@code exponential(max=0.25,k=0.01^(1/N))}, {@code ε = kⁱ} with k between 0 and 1.
 * Immutable.
 */
public final class ScheduledSampling {

  /** Always the true tokens. */
  public static final ScheduledSampling NONE = new ScheduledSampling(i -> 0, 0);

  private static final long REPLACE = Randomness.purpose("scheduled-sampling");
  private static final long DRAW = Randomness.purpose("scheduled-sampling-draw");
  private static final double MAXIMUM = 0.25; // most of the context stays true

  private final DoubleUnaryOperator probability; // of the index of a step
  private final long seed;

  private ScheduledSampling(DoubleUnaryOperator probability, long seed) {
    this.probability = probability;
    this.seed = seed;
  }

  /**
   * The sampling that a spec names.
   *
   * @param steps N
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  public static ScheduledSampling of(String spec, int steps, long seed) {
    DoubleUnaryOperator probability =
        Recipe.resolve(
            "scheduled sampling",
            spec,
            Map.of(
                "none", options -> i -> 0,
                "constant", options -> constant(options.real("p", Range.closed(0, 1))),
                "linear", options -> rising(options, i -> 1 - i / Math.max(1, steps - 1)),
                "inverse-sigmoid", options -> inverseSigmoid(options, steps),
                "exponential", options -> exponential(options, steps)));
    return new ScheduledSampling(probability, seed);
  }

  private static DoubleUnaryOperator constant(double p) {
    return i -> p;
  }

  private static DoubleUnaryOperator inverseSigmoid(Options options, int steps) {
    double k = options.real("k", Math.max(1, steps / 10.0), Range.atLeast(1));
    return rising(options, i -> k / (k + StrictMath.exp(i / k)));
  }

  private static DoubleUnaryOperator exponential(Options options, int steps) {
    double defaultRate = StrictMath.pow(0.01, 1.0 / steps);
    double k = options.real("k", defaultRate, new Range(0, false, 1, false));
    return rising(options, i -> StrictMath.pow(k, i));
  }

  private static DoubleUnaryOperator rising(Options options, DoubleUnaryOperator decay) {
    double max = options.real("max", MAXIMUM, Range.closed(0, 1));
    return i -> max * (1 - decay.applyAsDouble(i));
  }

  /**
   * The probability with which a token is replaced.
   *
   * @param step from 1
   */
  double probability(int step) {
    return probability.applyAsDouble(step - 1);
  }

  /** Whether a token is replaced, by its row in the whole step. */
  boolean replaces(int step, int row) {
    return new Randomness(seed, row).uniform(step, REPLACE) < probability(step);
  }

  /** A number in [0, 1) that decides the draw that replaces it. */
  double draw(int step, int row) {
    return new Randomness(seed, row).uniform(step, DRAW);
  }
}

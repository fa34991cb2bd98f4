package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import java.util.regex.Pattern;

/**
 * Initial weights as in GPT-2 and nanoGPT: normal with deviation 0.02, the projections back into
 * the residual stream with 0.02/√(2·layers), biases 0, norms the identity.
 *
 * <p>Element i has the same value on every JDK: a hash of (seed, i), made normal by Box and
 * Muller's method in {@link StrictMath}. That takes some 40 ns, so the threads share them.
 */
public final class Initialization {

  private static final double DEVIATION = 0.02;

  private static final Pattern RESIDUAL = Pattern.compile(".*(c|o|down)_proj[.]weight");

  /** Elements that a thread makes at a time: some 0.6 ms. */
  private static final int PIECE = 1 << 14;

  private Initialization() {}

  /** The flat array of a new model, the same for any number of threads. */
  public static float[] parameters(
      TrainableConfig config, ParameterLayout layout, long seed, Parallel parallel) {
    float[] parameters = new float[layout.size()];
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      int from = tensor.offset();
      int to = from + tensor.size();
      if (tensor.shape().size() == 2) {
        boolean residual = RESIDUAL.matcher(tensor.name()).matches();
        double deviation = residual ? DEVIATION / Math.sqrt(2.0 * config.layers()) : DEVIATION;
        parallel.run(
            (tensor.size() + PIECE - 1) / PIECE,
            (piece, slot) -> {
              int first = from + piece * PIECE;
              int end = first + Math.min(PIECE, to - first);
              for (int i = first; i < end; i++) {
                parameters[i] = (float) (deviation * normal(seed, i));
              }
            });
      } else if (tensor.name().endsWith(".weight")) {
        Arrays.fill(parameters, from, to, 1f);
      }
    }
    return parameters;
  }

  private static double normal(long seed, int i) {
    // 1 − u is in (0, 1], where the logarithm is finite.
    double radius = Math.sqrt(-2 * StrictMath.log(1 - uniform(seed, 2L * i)));
    return radius * StrictMath.cos(2 * Math.PI * uniform(seed, 2L * i + 1));
  }

  private static double uniform(long seed, long counter) {
    return (mix(mix(seed) + counter * 0x9E3779B97F4A7C15L) >>> 11) * 0x1p-53;
  }

  /** The finaliser of SplitMix64 (Steele, Lea and Flood 2014). */
  public static long mix(long value) {
    long z = value;
    z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
    z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
    return z ^ (z >>> 31);
  }
}

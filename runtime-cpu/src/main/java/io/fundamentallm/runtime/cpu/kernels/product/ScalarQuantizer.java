package io.fundamentallm.runtime.cpu.kernels.product;

/**
 * Finds, for a block of a row's weights, the scale and the minimum of {@link Int4Weights} that make
 * the squared error small: several ranges are tried, each refined by least squares with q held
 * fixed, and the best is taken (after {@code make_qkx2_quants} of ggml, which shrinks both ends of
 * the range together). Each of the two ends, the smallest and the largest weight, is kept or drawn
 * in; five steps for each end lowered the error of Gaussian weights by about one percent more.
 */
final class ScalarQuantizer {

  static final float[] ENDS = {1f, 0.85f, 0.7f};
  static final int REFINEMENTS = 3;
  static final float MAX = 15;
  static final int PANEL = PackedWeights.PANEL;

  // Adding 1.5·2²³ rounds to an integer.
  static final float ROUNDER = 12582912f;

  // Adding 1.5·2¹⁷ rounds to a 64th, as Int4Weights holds zeros.
  static final float ZERO_ROUNDER = 196608f;

  // Steps between the lowest code and zero; Int4Weights holds 128 more than 8.
  static final float MAX_STEPS = 128f;

  private ScalarQuantizer() {}

  /** See {@link ProductKernels#quantize}; one lane. */
  static void quantize(int n, float[] x, int lane, float[] scales, float[] minima) {
    float low = 0;
    float high = 0;
    for (int k = 0; k < n; k++) {
      low = Math.min(low, x[k * PANEL + lane]);
      high = Math.max(high, x[k * PANEL + lane]);
    }
    // the result if no error can be computed, because squares of the weights overflow
    scales[lane] = Int4Weights.heldScale(high / MAX - low / MAX);
    minima[lane] = held(0f - low, scales[lane]);
    float best = Float.POSITIVE_INFINITY;
    for (float lower : ENDS) {
      for (float upper : ENDS) {
        float scale = (high * upper - low * lower) / MAX;
        float minimum = 0f - low * lower;
        for (int i = 0; i <= REFINEMENTS; i++) {
          scale = Int4Weights.heldScale(scale);
          minimum = held(minimum, scale);
          float error = 0;
          float sumQ = 0;
          float sumQq = 0;
          float sumX = 0;
          float sumXq = 0;
          float inverse = scale > 0 ? 1f / scale : 0f;
          for (int k = 0; k < n; k++) {
            float w = x[k * PANEL + lane];
            float q = round(w, minimum, inverse);
            float difference = w - Math.fma(scale, q, -minimum);
            error = Math.fma(difference, difference, error);
            sumQ += q;
            sumQq = Math.fma(q, q, sumQq);
            sumX += w;
            sumXq = Math.fma(w, q, sumXq);
          }
          if (error < best) {
            best = error;
            scales[lane] = scale;
            minima[lane] = minimum;
          }
          float spread = n * sumQq - sumQ * sumQ;
          float slope = (n * sumXq - sumX * sumQ) / spread;
          float intercept = (sumX - slope * sumQ) / n;
          if (intercept > 0) {
            intercept = 0;
            slope = sumXq / sumQq;
          }
          if (spread > 0 && slope > 0 && 0f - intercept <= MAX_STEPS * slope) {
            scale = slope;
            minimum = 0f - intercept;
          }
        }
      }
    }
  }

  /** The q of a weight. */
  static float round(float w, float minimum, float inverse) {
    float q = (w + minimum) * inverse + ROUNDER - ROUNDER;
    return Math.min(MAX, Math.max(0f, q));
  }

  /** The nearest minimum that can be stored with a scale. */
  private static float held(float minimum, float scale) {
    return scale > 0 ? scale * (minimum / scale + ZERO_ROUNDER - ZERO_ROUNDER) : 0f;
  }
}

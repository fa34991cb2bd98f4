package io.fundamentallm.samplers;

import io.fundamentallm.decoding.Logits;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.spi.SamplerProvider;
import io.fundamentallm.spi.SamplerStage;

/**
 * {@code quadratic-smoothing(factor=F,curve=C)}: bends the scores, so that those near the best come
 * closer to it and those far below fall away (kalomaze: "quadratic sampling",
 * text-generation-webui, 2024). A score that is d above the best one, with d at most 0, becomes
 *
 * <pre>best - k F d^2 + s F d^3, k = (3 - C) / 2, s = (C - 1) / 2</pre>
 *
 * <p>F is at least 0, which changes nothing; C is in {@code [1, 3]} and by default 1, which leaves
 * the square alone. {@code quadratic-smoothing=F} is short for the factor.
 */
public final class QuadraticSmoothing implements SamplerProvider {
  /** Used by {@link java.util.ServiceLoader}, or to add this stage to a registry by hand. */
  public QuadraticSmoothing() {}

  @Override
  public String name() {
    return "quadratic-smoothing";
  }

  @Override
  public SamplerStage create(Options options) {
    double factor = options.real(options.has("value") ? "value" : "factor", Range.atLeast(0));
    double curve = options.real("curve", 1, Range.closed(1, 3));
    if (factor == 0) {
      return SamplerStage.chain(java.util.List.of());
    }
    double square = factor * (3 - curve) / 2;
    double cube = factor * (curve - 1) / 2;
    return SamplerStage.processor(
        binding ->
            step -> {
              Logits logits = step.logits();
              float maximum = logits.maximum();
              int count = logits.count();
              for (int i = 0; i < count; i++) {
                double d = (double) logits.score(i) - maximum;
                if (d != Double.NEGATIVE_INFINITY && d != 0) {
                  logits.setScore(i, (float) (maximum - square * d * d + cube * d * d * d));
                }
              }
            });
  }
}

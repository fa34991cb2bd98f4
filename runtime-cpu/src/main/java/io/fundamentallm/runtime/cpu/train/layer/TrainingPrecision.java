package io.fundamentallm.runtime.cpu.train.layer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Precision;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
import io.fundamentallm.training.TrainingPlan;
import java.util.Map;

/** The precision that a plan names: {@code f32}, or {@code bf16} for the products of layers. */
public final class TrainingPrecision {
  private TrainingPrecision() {}

  /**
   * The kernels for a plan's model. Its optimizer keeps those given.
   *
   * @throws IllegalArgumentException for an unknown name
   * @throws IllegalStateException if it is {@code bf16} and the kernels have none; says what to do
   */
  public static Kernels of(TrainingPlan plan, Kernels kernels) {
    Precision precision =
        Recipe.resolve(
            "precision",
            plan.precision(),
            Map.of("f32", options -> Precision.F32, "bf16", options -> Precision.BF16));
    return kernels.with(precision);
  }
}

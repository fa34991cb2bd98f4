package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.model.Spec;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.FlatLayout;
import io.fundamentallm.runtime.cpu.train.layer.PlanSpec;
import io.fundamentallm.spi.Options;
import io.fundamentallm.spi.Range;
import io.fundamentallm.training.TrainingPlan;
import java.util.Map;

/**
 * Turns gradients into updates of the flat array of parameters. Matrices decay, biases and norms do
 * not. One thread at a time.
 */
public interface Optimizer {
  /**
   * Updates the parameters.
   *
   * @param step 1 for the first step
   * @param gradientScale factor on every gradient, such as that of {@link GradientNorm#clip}
   */
  void step(
      float[] parameters, float[] gradients, long step, double learningRate, double gradientScale);

  /** What it remembers between steps: flat arrays by name, the arrays themselves. */
  Map<String, float[]> state();

  /**
   * The optimiser that a plan names.
   *
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  static Optimizer of(TrainingPlan plan, FlatLayout layout, Kernels kernels, Parallel parallel) {
    Options options = PlanSpec.options(plan.optimizer());
    Optimizer optimizer =
        switch (options.stage()) {
          case "adamw" -> adamW(options, plan, layout, kernels, parallel);
          case "lion" ->
              new Lion(
                  layout,
                  kernels,
                  parallel,
                  options.real("beta1", 0.9, Range.closedOpen(0, 1)),
                  options.real("beta2", 0.99, Range.closedOpen(0, 1)),
                  plan.weightDecay());
          case "sgd" ->
              new Momentum(
                  layout,
                  kernels,
                  parallel,
                  options.real("momentum", 0.9, Range.closedOpen(0, 1)),
                  options.flag("nesterov", false),
                  plan.weightDecay());
          case "muon" ->
              new Muon(
                  layout,
                  kernels,
                  parallel,
                  options.real("momentum", 0.95, Range.closedOpen(0, 1)),
                  plan.weightDecay(),
                  adamW(options, plan, layout, kernels, parallel));
          default ->
              throw new IllegalArgumentException(
                  "no optimiser \"" + options.stage() + "\"; there are adamw, lion, muon, sgd");
        };
    options.requireAllUsed();
    return optimizer;
  }

  /** What the optimiser that a plan names will take. */
  static long bytes(TrainingPlan plan, FlatLayout layout, int threads) {
    return switch (Spec.parse(plan.optimizer()).stages().get(0).name()) {
      case "lion" -> Lion.bytes(layout);
      case "sgd" -> Momentum.bytes(layout);
      case "muon" -> Muon.bytes(layout, threads);
      default -> AdamW.bytes(layout);
    };
  }

  private static AdamW adamW(
      Options options, TrainingPlan plan, FlatLayout layout, Kernels kernels, Parallel parallel) {
    return new AdamW(
        layout,
        kernels,
        parallel,
        options.real("beta1", 0.9, Range.closedOpen(0, 1)),
        options.real("beta2", 0.99, Range.closedOpen(0, 1)),
        options.real("epsilon", AdamW.EPSILON, Range.greaterThan(0)),
        plan.weightDecay());
  }
}

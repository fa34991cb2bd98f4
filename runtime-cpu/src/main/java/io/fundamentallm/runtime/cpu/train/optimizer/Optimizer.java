package io.fundamentallm.runtime.cpu.train.optimizer;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.kernels.update.LionStep;
import io.fundamentallm.runtime.cpu.kernels.update.MomentumStep;
import io.fundamentallm.runtime.cpu.train.parameter.FlatLayout;
import io.fundamentallm.runtime.cpu.train.parameter.Recipe;
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

  /** Makes an optimizer for some parameters. */
  @FunctionalInterface
  interface Factory<T extends Optimizer> {
    T make(FlatLayout layout, Kernels kernels, Parallel parallel);
  }

  /**
   * What makes the optimizer that a plan names.
   *
   * @throws IllegalArgumentException for an unknown name or option, or a value out of range
   */
  static Factory<? extends Optimizer> of(TrainingPlan plan) {
    double decay = plan.weightDecay();
    return Recipe.resolve(
        "optimizer",
        plan.optimizer(),
        Map.of(
            "adamw", options -> adamW(options, decay),
            "lion", options -> lion(options, decay),
            "sgd", options -> momentum(options, decay),
            "muon", options -> muon(options, decay)));
  }

  /** Bytes that the optimiser that a plan names will take. */
  static long bytes(TrainingPlan plan, FlatLayout layout, int threads) {
    return switch (Recipe.name(plan.optimizer())) {
      case "lion", "sgd" -> OneMoment.bytes(layout);
      case "muon" -> Muon.bytes(layout, threads);
      default -> AdamW.bytes(layout);
    };
  }

  private static Factory<AdamW> adamW(Options options, double decay) {
    double beta1 = part(options, "beta1", 0.9);
    double beta2 = part(options, "beta2", 0.99);
    double epsilon = options.real("epsilon", AdamW.EPSILON, Range.greaterThan(0));
    return (layout, kernels, parallel) ->
        new AdamW(layout, kernels, parallel, beta1, beta2, epsilon, decay);
  }

  /** Every parameter moves by the learning rate, in the direction of the sign. */
  private static Factory<OneMoment<LionStep>> lion(Options options, double decay) {
    float beta1 = (float) part(options, "beta1", 0.9);
    float beta2 = (float) part(options, "beta2", 0.99);
    return (layout, kernels, parallel) ->
        new OneMoment<>(
            layout,
            parallel,
            decay,
            (scale, keep, rate) -> new LionStep(scale, keep, rate, beta1, beta2),
            kernels.update()::lion);
  }

  /** In PyTorch's form but for weight decay. */
  private static Factory<OneMoment<MomentumStep>> momentum(Options options, double decay) {
    float momentum = (float) part(options, "momentum", 0.9);
    boolean nesterov = options.flag("nesterov", false);
    return (layout, kernels, parallel) ->
        new OneMoment<>(
            layout,
            parallel,
            decay,
            (scale, keep, rate) -> new MomentumStep(scale, keep, rate, momentum, nesterov),
            kernels.update()::momentum);
  }

  private static Factory<Muon> muon(Options options, double decay) {
    double momentum = part(options, "momentum", 0.95);
    Factory<AdamW> others = adamW(options, decay);
    return (layout, kernels, parallel) ->
        new Muon(
            layout, kernels, parallel, momentum, decay, others.make(layout, kernels, parallel));
  }

  private static double part(Options options, String name, double defaultValue) {
    return options.real(name, defaultValue, Range.closedOpen(0, 1));
  }
}

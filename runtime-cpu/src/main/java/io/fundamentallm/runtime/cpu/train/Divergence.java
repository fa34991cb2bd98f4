package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.train.optimizer.GradientNorm;
import io.fundamentallm.runtime.cpu.train.optimizer.LearningRate;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.training.TrainingPlan;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * Ends a training whose numbers are no longer finite, and reports where that began.
 *
 * @param current the plan, whose steps may be chosen anew on the way
 */
record Divergence(
    Supplier<TrainingPlan> current, TrainedModel model, Kernels kernels, GradientNorm norms) {

  /**
   * Checks the loss right after a forward pass.
   *
   * @param loss of the pass
   * @throws IllegalStateException when the loss is not finite
   */
  void requireLoss(double loss, int step) {
    if (!Double.isFinite(loss)) {
      String where =
          model
              .transformer()
              .firstNotFinite()
              .map(part -> "; the first numbers that are not finite come out of " + part)
              .orElse("");
      throw diverged(step, "the loss is " + loss + where);
    }
  }

  /**
   * Checks the gradients right after a backward pass.
   *
   * @param norm of all gradients
   * @throws IllegalStateException when it is not finite
   */
  void requireGradients(double norm, int step) {
    if (!Double.isFinite(norm)) {
      String what = "the norm of the gradients is " + norm;
      throw diverged(step, what + notFinite(model.gradients()));
    }
  }

  /**
   * Checks the weights after the last step, because no later step does.
   *
   * @throws IllegalStateException when the norm of all weights is not finite
   */
  void requireWeights(int step) {
    double norm = norms.of(model.weights());
    if (!Double.isFinite(norm)) {
      String what = "the norm of the weights is " + norm;
      throw diverged(step, what + notFinite(model.weights()));
    }
  }

  /**
   * Checks the result after it was measured.
   *
   * @throws IllegalStateException when its loss is not finite
   */
  void requireResult(double validationLoss, int step) {
    if (!Double.isFinite(validationLoss)) {
      throw diverged(step, "the validation loss is " + validationLoss);
    }
  }

  /** Backward goes from the last tensor to the first. */
  private String notFinite(float[] values) {
    List<Tensor> tensors = model.trained().tensors();
    Optional<Tensor> last =
        tensors.stream()
            .filter(
                t -> !Double.isFinite(kernels.update().sumOfSquares(t.size(), values, t.offset())))
            .reduce((a, b) -> b);
    return last.map(t -> "; not finite are those of " + t.name()).orElse("");
  }

  private IllegalStateException diverged(int step, String what) {
    TrainingPlan plan = current.get();
    return new IllegalStateException(
        "at step "
            + step
            + " "
            + what
            + ": training diverged. Lower the learning rate ("
            + LearningRate.of(plan).at(Math.max(1, step))
            + " in this step), raise the warm-up steps ("
            + plan.warmupSteps()
            + "), or clip gradients at a smaller norm ("
            + plan.gradientClip()
            + ")");
  }
}

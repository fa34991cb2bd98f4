package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.model.Cancellation;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import io.fundamentallm.runtime.cpu.train.tuning.TrainedModel;
import io.fundamentallm.training.LocalTraining;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;

/** Rounds of local steps on this machine's processors. */
final class CpuLocalTraining implements LocalTraining {
  private final Training training;
  private final TrainingPlan plan;
  private final TrainedModel model;
  private final List<Tensor> tensors;
  private int taken;

  /**
   * @param training closed with this
   */
  CpuLocalTraining(Training training, TrainingPlan plan) {
    this.training = training;
    this.plan = plan;
    model = training.model();
    tensors = model.trained().tensors();
  }

  @Override
  public List<Parameter> parameters() {
    return tensors.stream().map(tensor -> new Parameter(tensor.name(), tensor.shape())).toList();
  }

  @Override
  public float[][] weights() {
    float[] all = model.weights();
    return tensors.stream()
        .map(t -> Arrays.copyOfRange(all, t.offset(), t.offset() + t.size()))
        .toArray(float[][]::new);
  }

  @Override
  public Round train(float[][] weights, int steps, Cancellation cancellation) {
    if (steps < 1) {
      throw new IllegalArgumentException("a round has at least 1 step, not " + steps);
    }
    start(weights);
    double loss = 0;
    for (int i = 0; i < steps; i++) {
      cancellation.throwIfCancelled();
      loss += training.step(taken + 1).loss();
      taken++;
    }
    float[][] difference = weights();
    for (int i = 0; i < difference.length; i++) {
      for (int j = 0; j < difference[i].length; j++) {
        difference[i][j] -= weights[i][j];
      }
    }
    long tokens = (long) plan.batchSize() * plan.accumulation() * plan.contextLength() * steps;
    return new Round(difference, loss / steps, tokens);
  }

  @Override
  public void save(float[][] weights) throws IOException {
    start(weights);
    model.writeResult(plan.modelDirectory());
  }

  private void start(float[][] weights) {
    if (weights.length != tensors.size()) {
      throw new IllegalArgumentException(
          "expected " + tensors.size() + " arrays of parameters, not " + weights.length);
    }
    for (int i = 0; i < weights.length; i++) {
      Tensor tensor = tensors.get(i);
      if (weights[i].length != tensor.size()) {
        throw new IllegalArgumentException(
            "array "
                + i
                + " is "
                + tensor.name()
                + " "
                + tensor.shape()
                + ": expected "
                + tensor.size()
                + " numbers, not "
                + weights[i].length);
      }
    }
    for (int i = 0; i < weights.length; i++) {
      System.arraycopy(weights[i], 0, model.weights(), tensors.get(i).offset(), weights[i].length);
    }
    model.update();
  }

  @Override
  public void close() {
    training.close();
  }
}

package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.format.ModelDirectory;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.Initialization;
import io.fundamentallm.runtime.cpu.train.parameter.ModelRecipe;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.SinusoidalPositions;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.text.Vocabulary;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * A model whose own weights are trained.
 *
 * @param config its shape
 * @param written how weights become a model directory
 * @param start the model that training starts from
 */
record WholeModel(
    TrainableConfig config,
    Written written,
    TrainableTransformer transformer,
    TrainedTensors trained,
    String start)
    implements TrainedModel {

  /** A new model. */
  static WholeModel initial(
      TrainingPlan plan, Tokenizer tokenizer, Kernels kernels, Parallel parallel) {
    ModelRecipe recipe = ModelRecipe.of(plan, tokenizer.vocabulary().size());
    TrainableConfig config = recipe.config();
    ParameterLayout layout = new ParameterLayout(config);
    float[] parameters = Initialization.parameters(config, layout, plan.seed(), parallel);
    if (recipe.sinusoidal()) {
      SinusoidalPositions.write(config, layout, parameters);
    }
    return new WholeModel(
        config,
        (weights, to) -> write(config, tokenizer, weights, to),
        new TrainableTransformer(
            Activations.Kind.of(plan, config),
            kernels,
            parallel,
            parameters,
            Objective.of(plan, tokenizer.vocabulary())),
        TrainedTensors.of(plan, layout),
        "none");
  }

  /** A model read from files, in which everything that is not frozen is trained. */
  static WholeModel continued(
      TrainingPlan plan,
      FineTuning fineTuning,
      Tokenizer tokenizer,
      Kernels kernels,
      Parallel parallel)
      throws IOException {
    StartingModel start = StartingModel.of(plan, fineTuning, tokenizer);
    TrainableConfig config = start.model().config();
    TrainedTensors trained = TrainedTensors.of(plan, new ParameterLayout(config));
    return new WholeModel(
        config,
        start::write,
        start.transformer(plan, kernels, parallel, trained),
        trained,
        start.description());
  }

  /** Writes weights as a model directory. */
  @FunctionalInterface
  interface Written {
    void write(float[] weights, Path to) throws IOException;
  }

  private static void write(TrainableConfig config, Tokenizer tokenizer, float[] weights, Path to)
      throws IOException {
    Vocabulary vocabulary = tokenizer.vocabulary();
    Set<Integer> end = vocabulary.eos().stream().boxed().collect(Collectors.toSet());
    ModelDirectory.withdraw(to);
    tokenizer.save(to);
    new ModelDirectory(config, vocabulary.bos(), end, weights).write(to);
  }

  @Override
  public float[] weights() {
    return transformer.parameters();
  }

  @Override
  public long held() {
    return transformer.parameters().length;
  }

  @Override
  public float[] gradients() {
    return transformer.gradients();
  }

  @Override
  public void update() {} // they are the transformer's own

  @Override
  public void writeCheckpoint(Path to) throws IOException {
    written.write(weights(), to);
  }

  @Override
  public void readCheckpoint(Path from) throws IOException {
    ModelDirectory model = ModelDirectory.read(from);
    if (!model.config().equals(config)) {
      throw new IOException(
          from
              + ": a model of another shape: "
              + model.config().description()
              + "; expected "
              + config.description());
    }
    System.arraycopy(model.parameters(), 0, weights(), 0, weights().length);
  }

  @Override
  public void writeResult(Path to) throws IOException {
    writeCheckpoint(to);
  }
}

package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory.Factor;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.NamePatterns;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A model with low-rank adapters (Hu et al. 2021), of which only the adapters are trained. The
 * transformer computes with the sums of weights and adapters; the gradients of the factors follow
 * from those of the sums.
 *
 * @param base the model under the adapters
 * @param directory writes the adapters
 * @param bases the matrices that have adapters, as they were
 */
record LoraModel(
    StartingModel base,
    FineTuning.Lora lora,
    AdapterDirectory directory,
    TrainableTransformer transformer,
    List<float[]> bases,
    Adapters adapters,
    String start)
    implements TrainedModel {

  /** A model read from files, with adapters that add nothing yet. */
  static LoraModel of(
      TrainingPlan plan,
      FineTuning fineTuning,
      FineTuning.Lora lora,
      Tokenizer tokenizer,
      Kernels kernels,
      Parallel parallel)
      throws IOException {
    StartingModel start = StartingModel.of(plan, fineTuning, tokenizer);
    ParameterLayout layout = new ParameterLayout(start.model().config());
    LoraLayers layers = LoraLayers.of(fineTuning, lora, layout);
    boolean transposed = start.model().config().files().transposed();
    float[] parameters = start.model().parameters();
    String description = start.description(); // a checkpoint holds what was added to these weights
    NamePatterns undecayed = new NamePatterns("undecayed", plan.undecayed());
    Adapters adapters =
        new Adapters(
            kernels,
            parallel,
            layers.matrices(layout),
            lora,
            transposed,
            name -> !undecayed.match(name),
            plan.seed());
    undecayed.requireAllMatch(
        adapters.trained().tensors().stream().map(ParameterLayout.Tensor::name).toList());
    List<float[]> bases = new ArrayList<>();
    for (Adapters.Adapter adapter : adapters.all()) {
      bases.add(Arrays.copyOfRange(parameters, adapter.at(), adapter.at() + adapter.size()));
      adapters.magnitudes().measure(adapter, parameters, adapter.at());
    }
    TrainableTransformer transformer =
        start.transformer(
            plan, kernels, parallel, new TrainedTensors(layers.tensors(), layout.size()));
    return new LoraModel(
        start,
        lora,
        new AdapterDirectory(
            AdapterConfig.baseName(plan.card().baseModel(), fineTuning.model()),
            lora.rank(),
            lora.alpha(),
            transposed,
            layers.targets(),
            lora.decomposed()),
        transformer,
        bases,
        adapters,
        description);
  }

  @Override
  public TrainedTensors trained() {
    return adapters.trained();
  }

  @Override
  public float[] weights() {
    return adapters.weights();
  }

  @Override
  public long held() {
    return transformer.parameters().length + adapters.weights().length + adapters.baseSize();
  }

  @Override
  public float[] gradients() {
    return adapters.gradients(transformer.parameters(), transformer.gradients());
  }

  @Override
  public void update() {
    adapters.applyAll(bases, transformer.parameters());
  }

  @Override
  public void writeCheckpoint(Path to) throws IOException {
    base.tokenizer().save(to);
    directory.write(to, adapters.peft().of(weights()));
  }

  @Override
  public void readCheckpoint(Path from) throws IOException {
    List<Factor> factors = adapters.peft().of(weights());
    AdapterDirectory.read(from, factors);
    adapters.peft().read(factors, weights());
    update();
  }

  @Override
  public void writeResult(Path to) throws IOException {
    if (lora.merged()) {
      base.write(transformer.parameters(), to);
    } else {
      writeCheckpoint(to);
    }
  }
}

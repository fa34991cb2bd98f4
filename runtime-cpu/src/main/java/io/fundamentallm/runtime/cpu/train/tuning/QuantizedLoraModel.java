package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.internal.directory.AdapterConfig;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory;
import io.fundamentallm.runtime.cpu.format.AdapterDirectory.Factor;
import io.fundamentallm.runtime.cpu.format.QuantizedBase;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.MatrixPacker;
import io.fundamentallm.runtime.cpu.train.layer.Activations;
import io.fundamentallm.runtime.cpu.train.layer.Objective;
import io.fundamentallm.runtime.cpu.train.layer.TrainableTransformer;
import io.fundamentallm.runtime.cpu.train.parameter.NamePatterns;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainedTensors;
import io.fundamentallm.text.Tokenizer;
import io.fundamentallm.training.FineTuning;
import io.fundamentallm.training.TrainingPlan;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * A model whose matrices stay quantised, with low-rank adapters that are trained (QLoRA, Dettmers
 * et al. 2023).
 *
 * @param directory writes the adapters
 */
record QuantizedLoraModel(
    Tokenizer tokenizer,
    AdapterDirectory directory,
    TrainableTransformer transformer,
    QuantizedMatrices matrices,
    Adapters adapters,
    String start)
    implements TrainedModel {

  /** A model read from files, with adapters that add nothing yet. */
  static QuantizedLoraModel of(
      TrainingPlan plan,
      FineTuning fineTuning,
      FineTuning.Lora lora,
      Tokenizer tokenizer,
      Kernels kernels,
      Parallel parallel)
      throws IOException {
    Path from = fineTuning.model();
    StartingModel.requireApart(plan, from);
    Matrix.Format format =
        lora.base().equals("file")
            ? null
            : Matrix.Format.valueOf(lora.base().toUpperCase(Locale.ROOT));
    QuantizedBase base =
        QuantizedBase.read(from, format, new MatrixPacker(kernels.product(), parallel));
    StartingModel.requireFit(plan, tokenizer, base.config(), from);
    ParameterLayout layout = new ParameterLayout(base.config(), true);
    LoraLayers layers = LoraLayers.of(fineTuning, lora, layout);
    NamePatterns undecayed = new NamePatterns("undecayed", plan.undecayed());
    Adapters adapters =
        new Adapters(
            kernels,
            parallel,
            layers.matrices(layout),
            lora,
            false,
            name -> !undecayed.match(name),
            plan.seed());
    undecayed.requireAllMatch(
        adapters.trained().tensors().stream().map(ParameterLayout.Tensor::name).toList());
    QuantizedMatrices matrices =
        new QuantizedMatrices(
            base.config(), layout.matrices(), base.matrices(), adapters, parallel);
    TrainableTransformer transformer =
        new TrainableTransformer(
            Activations.Kind.of(plan, StartingModel.shape(plan, base.config())),
            kernels,
            parallel,
            base.parameters(),
            matrices,
            Objective.of(plan, tokenizer.vocabulary()));
    int hash = 31 * Arrays.hashCode(base.parameters()) + matrices.hash();
    AdapterDirectory directory =
        new AdapterDirectory(
            AdapterConfig.baseName(plan.card().baseModel(), from),
            lora.rank(),
            lora.alpha(),
            base.config().files().transposed(),
            layers.targets(),
            lora.decomposed());
    String start = base.config() + ", " + lora.base() + " weights " + Integer.toHexString(hash);
    return new QuantizedLoraModel(tokenizer, directory, transformer, matrices, adapters, start);
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
    return transformer.parameters().length + matrices.size() + adapters.weights().length;
  }

  @Override
  public float[] gradients() {
    return adapters.gradients();
  }

  @Override
  public void update() {} // the matrices are made from them when they are needed

  @Override
  public void writeCheckpoint(Path to) throws IOException {
    tokenizer.save(to);
    directory.write(to, adapters.peft().of(weights()));
  }

  @Override
  public void readCheckpoint(Path from) throws IOException {
    List<Factor> factors = adapters.peft().of(weights());
    AdapterDirectory.read(from, factors);
    adapters.peft().read(factors, weights());
  }

  @Override
  public void writeResult(Path to) throws IOException {
    writeCheckpoint(to);
  }
}

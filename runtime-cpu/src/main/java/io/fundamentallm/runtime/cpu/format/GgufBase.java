package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.GgufModules.Module;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Bias;
import io.fundamentallm.runtime.cpu.format.spec.Architecture.Biases;
import io.fundamentallm.runtime.cpu.format.spec.ModelSpec;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.spec.Trait;
import io.fundamentallm.runtime.cpu.format.tensor.HeadOrder;
import io.fundamentallm.runtime.cpu.format.tensor.OrderedMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;

/**
 * A GGUF file as the trainer sees models: under Hugging Face's names, and with the rows of queries
 * and keys in that order. So adapters that are trained beside it are those of the family.
 */
final class GgufBase {
  private final ModelTensors tensors;
  private final HeadOrder order;
  private final Map<String, Module> modules;
  private final TrainableConfig config;

  /**
   * Looks at a model.
   *
   * @param path for messages
   * @throws IOException when it has parts that are not trained; names them
   */
  GgufBase(ModelFiles files, Path path) throws IOException {
    ModelSpec spec = files.spec();
    if (spec.config().feedForward().experts() != null) {
      throw new IOException(
          path
              + ": mixtures are run but not trained from GGUF files, which keep all experts of a"
              + " layer in one tensor; expected the model's directory with safetensors");
    }
    tensors = files.tensors();
    order = spec.architecture().order();
    modules = GgufModules.of(spec);
    config =
        TrainableShape.of(
            new ModelSpec(spec.config(), architecture(spec), spec.family(), spec.settings()), path);
  }

  /** How Hugging Face's files would hold the same weights. */
  private Architecture architecture(ModelSpec spec) {
    TensorNames names = spec.family().names();
    Part first = names.has(Part.QUERY) ? Part.QUERY : Part.QUERY_KEY_VALUE;
    return new Architecture(
        names,
        spec.family().has(Trait.TRANSPOSED),
        spec.family().has(Trait.HEADS_TOGETHER) ? HeadOrder.TOGETHER : HeadOrder.PLAIN,
        new Biases(
            bias(spec, first), bias(spec, Part.ATTENTION_OUT), bias(spec, Part.DOWN), Bias.ABSENT),
        spec.architecture().tied(),
        spec.architecture().normOffset());
  }

  private Bias bias(ModelSpec spec, Part part) {
    return Bias.of(tensors.has(spec.architecture().names().of(part, 0) + ".bias"));
  }

  /** Its shape. */
  TrainableConfig config() {
    return config;
  }

  /** Reads the flat array of a layout without matrices. */
  float[] parameters(ParameterLayout layout) throws IOException {
    float[] parameters = new float[layout.size()];
    for (ParameterLayout.Tensor tensor : layout.tensors()) {
      String name = layout.fullName(tensor);
      long[] shape = tensor.shape().stream().mapToLong(Integer::longValue).toArray();
      Module module = module(name);
      boolean bias = name.endsWith(".bias");
      float[] read = tensors.take(module.name() + (bias ? ".bias" : ".weight"), shape).read();
      if (bias && rotated(module)) {
        read = order.order(read, heads(module, read.length), config.headSize());
      }
      System.arraycopy(read, 0, parameters, tensor.offset(), read.length);
    }
    return parameters;
  }

  /** A matrix of a layout, [outputs][inputs], of which nothing is read yet. */
  Matrix matrix(ParameterLayout layout, ParameterLayout.Tensor tensor) throws IOException {
    int outputs = tensor.shape().get(0);
    int inputs = tensor.shape().get(1);
    Module module = module(layout.fullName(tensor));
    Matrix stored =
        new TensorMatrix(tensors.take(module.name() + ".weight", outputs, inputs), outputs, inputs);
    return rotated(module)
        ? new OrderedMatrix(stored, order, heads(module, outputs), config.headSize())
        : stored;
  }

  private Module module(String tensor) {
    String name = tensor.substring(0, tensor.lastIndexOf('.'));
    return Objects.requireNonNull(modules.get(name), name);
  }

  private boolean rotated(Module module) {
    Part part = module.part();
    return order != HeadOrder.PLAIN
        && (part == Part.QUERY || part == Part.KEY || part == Part.QUERY_KEY_VALUE);
  }

  private int heads(Module module, int rows) {
    return rows / config.headSize() / (module.part() == Part.QUERY_KEY_VALUE ? 3 : 1);
  }
}

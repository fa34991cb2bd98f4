package io.fundamentallm.runtime.cpu.format;

import io.fundamentallm.runtime.cpu.format.safetensors.SafeTensors;
import io.fundamentallm.runtime.cpu.format.spec.Architecture;
import io.fundamentallm.runtime.cpu.format.spec.Part;
import io.fundamentallm.runtime.cpu.format.spec.TensorNames;
import io.fundamentallm.runtime.cpu.format.tensor.Tensor;
import io.fundamentallm.runtime.cpu.format.tensor.TensorFiles;
import io.fundamentallm.runtime.cpu.format.tensor.TensorMatrix;
import io.fundamentallm.runtime.cpu.format.tensor.TransposedMatrix;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import io.fundamentallm.runtime.cpu.model.MatrixPacker;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout;
import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A model whose matrices of linear layers are quantised, to train adapters for. Each is quantised
 * as it is read, or is so in its file; embeddings, norms, biases, routers and the head have 32
 * bits.
 *
 * @param config its shape
 * @param parameters what is not quantised, in the order of {@link ParameterLayout}
 * @param matrices the others, in the order of {@link ParameterLayout#matrices()}
 */
@SuppressWarnings("ArrayRecordComponent") // the one copy of the weights, never compared
public record QuantizedBase(
    TrainableConfig config, float[] parameters, List<PackedWeights> matrices) {

  /**
   * Reads a model.
   *
   * @param path a directory with safetensors, a GGUF file, or a directory with one
   * @param format null for that of the files; otherwise of all matrices but the ways back from
   *     inner channels, which take 8 bits where others take 4, as when the model is run
   * @throws IOException when a file is missing, malformed, or asks for something that is not
   *     trained; names file and place
   */
  public static QuantizedBase read(Path path, Matrix.@Nullable Format format, MatrixPacker packer)
      throws IOException {
    Path gguf = ModelFiles.findGguf(path);
    return gguf == null ? readDirectory(path, format, packer) : readGguf(gguf, format, packer);
  }

  private static QuantizedBase readGguf(
      Path file, Matrix.@Nullable Format format, MatrixPacker packer) throws IOException {
    try (ModelFiles files = ModelFiles.open(file)) {
      GgufBase base = new GgufBase(files, file);
      ParameterLayout layout = new ParameterLayout(base.config(), true);
      List<PackedWeights> matrices = new ArrayList<>();
      for (ParameterLayout.Tensor tensor : layout.matrices()) {
        Matrix matrix = base.matrix(layout, tensor);
        matrices.add(packer.pack(matrix, held(tensor, base.config(), format)));
      }
      return new QuantizedBase(base.config(), base.parameters(layout), matrices);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static QuantizedBase readDirectory(
      Path directory, Matrix.@Nullable Format format, MatrixPacker packer) throws IOException {
    Path file = ModelDirectory.weights(directory);
    TrainableConfig config = ModelDirectory.config(directory);
    try (TensorFiles files = SafeTensors.open(file)) {
      ParameterLayout layout = new ParameterLayout(config, true);
      Architecture architecture = config.files();
      ModelTensors tensors =
          new ModelTensors(
              files, architecture.names().prefix(), layout.fullName(layout.tensors().get(0)));
      float[] parameters = ModelDirectory.parameters(tensors, layout);
      List<PackedWeights> matrices = new ArrayList<>();
      for (ParameterLayout.Tensor tensor : layout.matrices()) {
        Matrix matrix = matrix(tensors, layout.fullName(tensor), tensor, architecture.transposed());
        matrices.add(packer.pack(matrix, held(tensor, config, format)));
      }
      return new QuantizedBase(config, parameters, matrices);
    } catch (IllegalArgumentException e) {
      throw new IOException(file + ": " + e.getMessage(), e);
    }
  }

  private static Matrix.@Nullable Format held(
      ParameterLayout.Tensor tensor, TrainableConfig config, Matrix.@Nullable Format format) {
    boolean sensitive = format == Matrix.Format.INT4 && wayBack(tensor, config.files().names());
    return sensitive ? Matrix.Format.INT8 : format;
  }

  private static Matrix matrix(
      ModelTensors tensors, String name, ParameterLayout.Tensor tensor, boolean transposed)
      throws IOException {
    int outputs = tensor.shape().get(0);
    int inputs = tensor.shape().get(1);
    if (transposed) {
      Tensor stored = tensors.take(name, inputs, outputs);
      return new TransposedMatrix(stored, outputs, inputs);
    }
    return new TensorMatrix(tensors.take(name, outputs, inputs), outputs, inputs);
  }

  private static boolean wayBack(ParameterLayout.Tensor tensor, TensorNames names) {
    return Stream.of(Part.DOWN, Part.EXPERT_DOWN, Part.SHARED_DOWN)
        .filter(names::has)
        .map(part -> names.parts().get(part))
        .map(name -> name.substring(name.lastIndexOf('.') + 1))
        .anyMatch(last -> tensor.name().endsWith("." + last + ".weight") && !attention(tensor));
  }

  /** In GPT-2, the layer after attention has the same last name. */
  private static boolean attention(ParameterLayout.Tensor tensor) {
    return tensor.name().contains(".attn.");
  }
}

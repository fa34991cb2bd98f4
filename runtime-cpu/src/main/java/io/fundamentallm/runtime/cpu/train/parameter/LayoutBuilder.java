package io.fundamentallm.runtime.cpu.train.parameter;

import io.fundamentallm.runtime.cpu.train.parameter.BlockLayout.Place;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import java.util.ArrayList;
import java.util.List;

/**
 * Lays out tensors one after another: in one flat array, or matrices of linear layers as if in an
 * array of their own.
 */
final class LayoutBuilder {
  private final String prefix;
  private final int channels;
  private final boolean rms;
  private final boolean transposed;
  private final boolean apart;
  private final List<Tensor> tensors = new ArrayList<>();
  private final List<Tensor> matrices = new ArrayList<>();
  private int size;
  private int matricesSize;

  /**
   * An empty one.
   *
   * @param apart whether matrices are not in the flat array
   */
  LayoutBuilder(TrainableConfig config, boolean apart) {
    prefix = config.hasPositionTable() ? config.files().names().prefix() : "";
    channels = config.hiddenSize();
    rms = config.shape().norms().rms();
    transposed = config.files().transposed();
    this.apart = apart;
  }

  /** The tensors of a norm of a row's channels. */
  Place norm(String name) {
    int weight = add(name + ".weight", channels);
    return new Place(weight, rms ? ParameterLayout.NONE : add(name + ".bias", channels));
  }

  /**
   * A matrix of a linear layer, apart or not.
   *
   * @return its offset, or its address where it is apart
   */
  int matrix(String name, int inputs, int outputs) {
    if (apart) {
      Tensor matrix =
          new Tensor(shortName(name + ".weight"), List.of(outputs, inputs), matricesSize, true);
      matrices.add(matrix);
      matricesSize = Math.addExact(matricesSize, matrix.size());
      return matrix.offset();
    }
    return transposed
        ? add(name + ".weight", inputs, outputs)
        : add(name + ".weight", outputs, inputs);
  }

  /** Any other tensor, by its name in a file of the whole model; returns its offset. */
  int add(String fullName, Integer... dimensions) {
    String name = shortName(fullName);
    Tensor tensor = new Tensor(name, List.of(dimensions), size, dimensions.length == 2);
    size = Math.addExact(size, tensor.size());
    tensors.add(tensor);
    return tensor.offset();
  }

  private String shortName(String fullName) {
    return fullName.startsWith(prefix) ? fullName.substring(prefix.length()) : fullName;
  }

  /** What the names of tensors here lack of those in a file of the whole model. */
  String prefix() {
    return prefix;
  }

  /** Those in the flat array, in its order. */
  List<Tensor> tensors() {
    return List.copyOf(tensors);
  }

  /** Those apart, each [outputs][inputs], with their addresses in place of offsets. */
  List<Tensor> matrices() {
    return List.copyOf(matrices);
  }

  /** Length of the flat array so far. */
  int size() {
    return size;
  }
}

package io.fundamentallm.runtime.cpu.reference;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Int4Weights;
import io.fundamentallm.runtime.cpu.kernels.product.Int8Weights;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.onnx.OnnxWeights;
import java.util.LinkedHashMap;
import java.util.Map;

/** What the runtime's quantised weights amount to, as floats. */
final class Quantization {
  private Quantization() {}

  /** A model whose floats are those of the quantised weights of another. */
  static HuggingFaceModel of(HuggingFaceModel model, OnnxWeights weights) {
    Map<String, Tensor> tensors = new LinkedHashMap<>();
    model.tensors().forEach((name, tensor) -> tensors.put(name, rounded(name, tensor, weights)));
    return new HuggingFaceModel(model.config(), tensors);
  }

  private static Tensor rounded(String name, Tensor tensor, OnnxWeights weights) {
    if (weights.bits() == 32 || tensor.shape().length < 2 || name.endsWith("wpe.weight")) {
      return tensor;
    }
    boolean last = name.matches(".*mlp\\.(c_proj|dense_4h_to_h|down_proj)\\.weight");
    boolean eight = weights.bits() == 8 || last;
    // gpt2 has its matrices the other way round
    boolean turned = name.matches(".*\\.(c_attn|c_proj|c_fc)\\.weight");
    Tensor matrix = turned ? tensor.transposed() : tensor;
    Tensor rounded = rounded(matrix, eight);
    return turned ? rounded.transposed() : rounded;
  }

  private static Tensor rounded(Tensor matrix, boolean eight) {
    int rows = matrix.rows();
    int columns = matrix.columns();
    PackedWeights held = eight ? new Int8Weights(rows, columns) : new Int4Weights(rows, columns);
    int panel = PackedWeights.PANEL * columns;
    for (int i = 0; i < held.panels(); i++) {
      float[] values = new float[panel];
      int count = Math.min(panel, matrix.values().length - i * panel);
      System.arraycopy(matrix.values(), i * panel, values, 0, count);
      held.fill(Kernels.best().product(), i, values);
    }
    float[] floats = new float[matrix.values().length];
    for (int row = 0; row < rows; row++) {
      held.row(row, floats, row * columns);
    }
    return new Tensor(matrix.shape(), floats);
  }
}

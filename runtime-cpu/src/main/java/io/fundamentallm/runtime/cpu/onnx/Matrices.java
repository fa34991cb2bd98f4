package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.model.Matrix;

/** Adds a model's matrices to a graph, in one form of {@link OnnxWeights}. */
interface Matrices {

  /**
   * Rows of the token embedding, [B, T, C].
   *
   * @param ids [B, T]
   */
  String embed(Matrix embedding, String ids);

  /**
   * The product of a matrix with the last dimension of a tensor.
   *
   * @param name of the layer
   * @param matrix [outputs][inputs]; the embedding is not stored again
   * @param x [B, T, inputs]
   * @return [B, T, outputs]
   */
  String multiply(String name, Matrix matrix, String x);

  /** The same for a matrix that loses more by rounding than others. */
  default String multiplySensitive(String name, Matrix matrix, String x) {
    return multiply(name, matrix, x);
  }
}

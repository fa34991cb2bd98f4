package io.fundamentallm.runtime.cpu.kernels.product;

import io.fundamentallm.runtime.cpu.kernels.onednn.NativeMemory;
import org.jspecify.annotations.Nullable;

/**
 * Products of matrices. Each element of a product of floats is one chain of fused multiply-adds
 * over ascending k.
 */
public interface ProductKernels {

  /** {@code C[m][n] = S[m][n] + Σ A[m][k]·B[k][n]}. */
  void product(Product product);

  /**
   * Rows times some panels of a linear layer's weights, added to y: {@code y[r][n] += Σ
   * x[r][k]·W[n][k]}. Each sum is one chain of fused multiply-adds over ascending k that begins
   * with y; with quantised weights, it has one term for each block, which is an exact sum of
   * integers. So its bits do not depend on how many rows there are or on which panels are computed
   * together.
   */
  void multiply(PackedProduct product);

  /**
   * Prepares the product's inputs, if {@link #prepares}. For quantised weights, it rounds them
   * [rows][columns], padded with zeros to whole blocks, to small integers, with a scale for each
   * block of {@link PackedWeights#BLOCK} columns. For others, it may lay them out as its loops read
   * them. Missing rows of the last tile become zeros.
   */
  void prepareRows(PackedProduct product);

  /** Whether products with these weights and so many rows take inputs that were prepared. */
  default boolean prepares(PackedProduct product) {
    return product.weights.quantized();
  }

  /** Memory for prepared inputs that all threads share; null if none is needed. */
  default @Nullable NativeMemory sharedInputs(int rows, int columns) {
    return null;
  }

  /** Whether operands of this product are copied first, so that parts should share few of them. */
  default boolean copies(Product product) {
    return false;
  }

  /**
   * Memory for a copy of weights that a {@link TeamProduct} multiplies with, see {@link
   * TeamProduct#rounded}; null if none is of use.
   *
   * @param from the first of them; those before have none
   * @param slots of the threads that round
   */
  default @Nullable RoundedWeights rounded(float[] weights, int from, int slots) {
    return null;
  }

  /** The same kernels with another precision of large products, if they know several. */
  default ProductKernels with(Precision precision) {
    return this;
  }

  /** {@code Σ x[i]·y[i]}. */
  float dot(int n, float[] x, int xAt, float[] y, int yAt);

  /**
   * Scales and minima of {@link Int4Weights} for one block of a panel's rows, with a small squared
   * error, in floats with eight bits of fraction.
   *
   * @param n columns of the block
   * @param x [n][PANEL]
   * @param scales receives PANEL numbers; the next PANEL are scratch
   * @param minima receives PANEL numbers; the next PANEL are scratch
   */
  void quantize(int n, float[] x, float[] scales, float[] minima);
}

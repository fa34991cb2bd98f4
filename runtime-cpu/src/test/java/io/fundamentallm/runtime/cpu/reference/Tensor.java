package io.fundamentallm.runtime.cpu.reference;

/**
 * A named tensor's contents.
 *
 * @param shape slowest dimension first, as PyTorch prints it
 * @param values row-major
 */
record Tensor(int[] shape, float[] values) {
  Tensor {
    int size = 1;
    for (int dimension : shape) {
      size *= dimension;
    }
    if (size != values.length) {
      throw new IllegalArgumentException(values.length + " values for " + size + " places");
    }
  }

  int rows() {
    return shape[0];
  }

  int columns() {
    return values.length / shape[0];
  }

  double at(int row, int column) {
    return values[row * columns() + column];
  }

  /** The same values as a file of this precision gives them back. */
  Tensor rounded(Precision precision) {
    return new Tensor(shape, precision.rounded(values));
  }

  /** Every value with a constant added. */
  Tensor plus(float constant) {
    float[] more = values.clone();
    for (int i = 0; i < more.length; i++) {
      more[i] += constant;
    }
    return new Tensor(shape, more);
  }

  Tensor transposed() {
    float[] turned = new float[values.length];
    for (int r = 0; r < rows(); r++) {
      for (int c = 0; c < columns(); c++) {
        turned[c * rows() + r] = values[r * columns() + c];
      }
    }
    return new Tensor(new int[] {columns(), rows()}, turned);
  }

  /** The rows in another order: row r of the result is row {@code order[r]} of this. */
  Tensor reordered(int[] order) {
    float[] moved = new float[values.length];
    for (int r = 0; r < order.length; r++) {
      System.arraycopy(values, order[r] * columns(), moved, r * columns(), columns());
    }
    return new Tensor(shape, moved);
  }
}

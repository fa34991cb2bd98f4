package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;

/** A tensor [outputs][inputs]. */
public record TensorMatrix(Tensor tensor, int rows, int columns) implements Matrix {

  @Override
  public Format format() {
    return tensor.format();
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    tensor.read((long) row * columns, Math.multiplyExact(count, columns), into, 0);
  }

  @Override
  public boolean readBlocks(int row, byte[] q, float[] scales, float[] minima) throws IOException {
    Objects.checkIndex(row, rows);
    if (!tensor.hasFormatBlocks()) {
      return false;
    }
    tensor.readBlocks((long) row * columns, columns, q, scales, minima);
    return true;
  }
}

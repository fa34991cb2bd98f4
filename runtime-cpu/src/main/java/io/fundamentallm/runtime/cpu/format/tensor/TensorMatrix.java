package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tensor [outputs][inputs]. */
public record TensorMatrix(Tensor tensor, int rows, int columns) implements Matrix {

  @Override
  public Format format() {
    return tensor.format();
  }

  @Override
  public HalfWeights.@Nullable Type halfFloats() {
    return tensor.halfFloats();
  }

  @Override
  public @Nullable BlockFormat blocks() {
    return tensor.blocks();
  }

  @Override
  public void readRow(int row, BlockRow into) throws IOException {
    Objects.checkIndex(row, rows);
    tensor.readRow((long) row * columns, into);
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

package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Rows of a matrix at equal distances.
 *
 * @param first of them
 * @param step from one to the next
 * @param rows how many
 */
public record SelectedRows(Matrix stored, int first, int step, int rows) implements Matrix {

  @Override
  public int columns() {
    return stored.columns();
  }

  @Override
  public Format format() {
    return stored.format();
  }

  @Override
  public HalfWeights.@Nullable Type halfFloats() {
    return stored.halfFloats();
  }

  @Override
  public @Nullable BlockFormat blocks() {
    return stored.blocks();
  }

  @Override
  public void readRow(int row, BlockRow into) throws IOException {
    Objects.checkIndex(row, rows);
    stored.readRow(first + row * step, into);
  }

  /** Reads the rows between them, too: of a transposed matrix that is one way through the file. */
  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    if (step == 1 || count < 2) {
      stored.read(first + row * step, count, into);
      return;
    }
    int columns = columns();
    int span = (count - 1) * step + 1;
    float[] some = new float[Math.multiplyExact(span, columns)];
    stored.read(first + row * step, span, some);
    for (int i = 0; i < count; i++) {
      System.arraycopy(some, i * step * columns, into, i * columns, columns);
    }
  }

  @Override
  public boolean readBlocks(int row, byte[] q, float[] scales, float[] minima) throws IOException {
    Objects.checkIndex(row, rows);
    return stored.readBlocks(first + row * step, q, scales, minima);
  }
}

package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of several matrices of equal width, one matrix after the other. */
public final class StackedMatrix implements Matrix {
  private final List<Matrix> parts;
  private final int rows;
  private final Format format;

  public StackedMatrix(List<Matrix> parts) {
    this.parts = List.copyOf(parts);
    int rows = 0;
    Format finest = Format.INT4;
    for (Matrix part : parts) {
      rows = Math.addExact(rows, part.rows());
      // formats are declared in order of precision
      finest = part.format().compareTo(finest) < 0 ? part.format() : finest;
    }
    this.rows = rows;
    this.format = finest;
  }

  @Override
  public int rows() {
    return rows;
  }

  @Override
  public int columns() {
    return parts.get(0).columns();
  }

  @Override
  public Format format() {
    return format;
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    int begin = 0;
    for (Matrix part : parts) {
      int from = Math.max(row, begin);
      int to = Math.min(row + count, begin + part.rows());
      if (from == row && to == row + count) {
        part.read(row - begin, count, into);
      } else if (from < to) {
        float[] some = new float[(to - from) * columns()];
        part.read(from - begin, to - from, some);
        System.arraycopy(some, 0, into, (from - row) * columns(), some.length);
      }
      begin += part.rows();
    }
  }

  /** Of all parts; null if they differ. */
  @Override
  public HalfWeights.@Nullable Type halfFloats() {
    HalfWeights.Type first = parts.get(0).halfFloats();
    return parts.stream().allMatch(part -> part.halfFloats() == first) ? first : null;
  }

  /** Of all parts; null if they differ. */
  @Override
  public @Nullable BlockFormat blocks() {
    BlockFormat first = parts.get(0).blocks();
    return parts.stream().allMatch(part -> part.blocks() == first) ? first : null;
  }

  @Override
  public List<Matrix> parts() {
    return parts;
  }

  @Override
  public void readRow(int row, BlockRow into) throws IOException {
    Objects.checkIndex(row, rows);
    int begin = 0;
    for (Matrix part : parts) {
      if (row < begin + part.rows()) {
        part.readRow(row - begin, into);
        return;
      }
      begin += part.rows();
    }
  }

  @Override
  public boolean readBlocks(int row, byte[] q, float[] scales, float[] minima) throws IOException {
    Objects.checkIndex(row, rows);
    int begin = 0;
    for (Matrix part : parts) {
      if (row < begin + part.rows()) {
        return part.format() == format && part.readBlocks(row - begin, q, scales, minima);
      }
      begin += part.rows();
    }
    return false;
  }
}

package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** The rows of a matrix in another order. */
public record OrderedMatrix(Matrix stored, HeadOrder order, int heads, int headSize)
    implements Matrix {

  @Override
  public int rows() {
    return stored.rows();
  }

  @Override
  public int columns() {
    return stored.columns();
  }

  @Override
  public Format format() {
    return stored.format();
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows());
    float[] some = new float[0];
    for (int done = 0; done < count; ) {
      int from = order.stored(row + done, heads, headSize);
      int run = 1;
      while (done + run < count && order.stored(row + done + run, heads, headSize) == from + run) {
        run++;
      }
      if (run == count) {
        stored.read(from, count, into);
      } else {
        int size = run * columns();
        some = some.length >= size ? some : new float[size];
        stored.read(from, run, some);
        System.arraycopy(some, 0, into, done * columns(), size);
      }
      done += run;
    }
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
    Objects.checkIndex(row, rows());
    stored.readRow(order.stored(row, heads, headSize), into);
  }

  @Override
  public boolean readBlocks(int row, byte[] q, float[] scales, float[] minima) throws IOException {
    Objects.checkIndex(row, rows());
    return stored.readBlocks(order.stored(row, heads, headSize), q, scales, minima);
  }
}

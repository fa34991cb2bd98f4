package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a LoRA adapter (Hu et al. 2021) adds to a matrix.
 *
 * @param a [rank][inputs]; has two dimensions
 * @param b [outputs][rank]
 * @param scale factor on their product
 */
public record LowRank(Tensor a, Tensor b, float scale) {

  /** Checks that it fits a matrix [rows][columns]. */
  public void require(long rows, long columns) throws IOException {
    a.require(a.size(0), columns);
    b.require(rows, a.size(0));
  }

  /** What it adds to some consecutive outputs. */
  public LowRank outputs(long first, long count) throws IOException {
    return new LowRank(a, b.slice(first, count), scale);
  }

  /** The matrix with the adapter's product added; both are read when rows of it are. */
  public Matrix addedTo(Matrix base) {
    return new Sum(this, base);
  }

  private static final class Sum implements Matrix {
    private final LowRank added;
    private final Matrix base;
    private float @Nullable [][] factors;

    Sum(LowRank added, Matrix base) {
      this.added = added;
      this.base = base;
    }

    private synchronized float[][] factors() throws IOException {
      if (factors == null) {
        factors = new float[][] {added.a.read(), added.b.read()};
      }
      return factors;
    }

    @Override
    public int rows() {
      return base.rows();
    }

    @Override
    public int columns() {
      return base.columns();
    }

    @Override
    public void read(int row, int count, float[] into) throws IOException {
      Objects.checkFromIndexSize(row, count, rows());
      base.read(row, count, into);
      float[] a = factors()[0];
      float[] b = factors()[1];
      int rank = (int) added.a.size(0);
      int columns = columns();
      for (int r = 0; r < count; r++) {
        float[] product = new float[columns];
        for (int k = 0; k < rank; k++) {
          float factor = b[(row + r) * rank + k];
          for (int c = 0; c < columns; c++) {
            product[c] += factor * a[k * columns + c];
          }
        }
        for (int c = 0; c < columns; c++) {
          into[r * columns + c] += added.scale * product[c];
        }
      }
    }
  }
}

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
 * @param magnitude [outputs], the norms that the rows of the sum get (DoRA, Liu et al. 2024); null
 *     where they keep theirs
 */
public record LowRank(Tensor a, Tensor b, float scale, @Nullable Tensor magnitude) {

  /** Checks that it fits a matrix [rows][columns]. */
  public void require(long rows, long columns) throws IOException {
    a.require(a.size(0), columns);
    b.require(rows, a.size(0));
    if (magnitude != null) {
      magnitude.require(rows);
    }
  }

  /** What it adds to some consecutive outputs. */
  public LowRank outputs(long first, long count) throws IOException {
    return new LowRank(
        a, b.slice(first, count), scale, magnitude == null ? null : magnitude.slice(first, count));
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
        float[] magnitudes = added.magnitude == null ? new float[0] : added.magnitude.read();
        factors = new float[][] {added.a.read(), added.b.read(), magnitudes};
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
        if (added.magnitude != null) {
          decompose(factors()[2][row + r], into, r * columns, columns);
        }
      }
    }

    /** Gives a row its magnitude; one without direction stays zero. */
    private static void decompose(float magnitude, float[] row, int at, int columns) {
      double squares = 0;
      for (int c = at; c < at + columns; c++) {
        squares += (double) row[c] * row[c];
      }
      float factor = squares > 0 ? (float) (magnitude / Math.sqrt(squares)) : 0;
      for (int c = at; c < at + columns; c++) {
        row[c] *= factor;
      }
    }
  }
}

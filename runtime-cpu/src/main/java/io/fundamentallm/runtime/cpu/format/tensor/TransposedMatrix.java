package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.HalfWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A tensor [inputs][outputs], as GPT-2's Conv1D stores it. */
public record TransposedMatrix(Tensor tensor, int rows, int columns) implements Matrix {
  /** Columns gathered before they are written row by row: a cache line of each row. */
  private static final int GATHERED = 16;

  @Override
  public HalfWeights.@Nullable Type halfFloats() {
    return tensor.halfFloats();
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    float[] gathered = new float[Math.multiplyExact(GATHERED, count)]; // [GATHERED][count]
    for (int column = 0; column < columns; column += GATHERED) {
      int width = Math.min(GATHERED, columns - column);
      for (int c = 0; c < width; c++) {
        tensor.read((long) (column + c) * rows + row, count, gathered, c * count);
      }
      for (int r = 0; r < count; r++) {
        for (int c = 0; c < width; c++) {
          into[r * columns + column + c] = gathered[c * count + r];
        }
      }
    }
  }
}

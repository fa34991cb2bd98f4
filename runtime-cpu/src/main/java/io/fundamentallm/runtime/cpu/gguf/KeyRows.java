package io.fundamentallm.runtime.cpu.gguf;

import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;

/**
 * Some rows of a matrix, such as the queries of an attention layer.
 *
 * @param first the first of them
 * @param rows how many
 * @param headSize channels of a head whose two halves are interleaved, so that the two channels
 *     that are rotated together are neighbours, as llama.cpp wants them for Llama; 0 for none
 */
record KeyRows(Matrix all, int first, int rows, int headSize) implements Matrix {

  @Override
  public int columns() {
    return all.columns();
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    if (headSize == 0) {
      all.read(first + row, count, into);
      return;
    }
    float[] one = new float[columns()];
    for (int i = 0; i < count; i++) {
      all.read(first + source(row + i, headSize), 1, one);
      System.arraycopy(one, 0, into, i * one.length, one.length);
    }
  }

  /** The same rows of a bias. */
  float[] of(float[] bias) {
    float[] part = new float[rows];
    for (int i = 0; i < rows; i++) {
      part[i] = bias[first + (headSize == 0 ? i : source(i, headSize))];
    }
    return part;
  }

  /** Which row of a model's matrix a row of the file is. */
  static int source(int row, int headSize) {
    int channel = row % headSize;
    return row - channel + channel / 2 + channel % 2 * (headSize / 2);
  }
}

package io.fundamentallm.runtime.cpu.format.tensor;

import io.fundamentallm.runtime.cpu.kernels.product.BlockFormat;
import io.fundamentallm.runtime.cpu.kernels.product.BlockRow;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Objects;

/**
 * A matrix of MXFP4 (OCP Microscaling Formats 1.0) in two tensors of bytes, as gpt-oss is
 * published. A byte of codes has two neighbours of a row, the first in its lower half; ggml's
 * blocks have the same codes in another order.
 *
 * @param codes E2M1 floats, in rows of {@code columns / 2} bytes
 * @param scales exponents of powers of two, in rows of {@code columns / 32} bytes
 * @param first the matrix's first row in both
 * @param columns a multiple of 32
 */
public record MicroscaledMatrix(Tensor codes, Tensor scales, long first, int rows, int columns)
    implements Matrix {
  private static final BlockFormat FORMAT = BlockFormat.MXFP4;
  private static final int NO_NUMBER = 255;

  @Override
  public Format format() {
    return TensorType.MXFP4.format();
  }

  @Override
  public BlockFormat blocks() {
    return FORMAT;
  }

  @Override
  public void readRow(int row, BlockRow into) throws IOException {
    Objects.checkIndex(row, rows);
    byte[] pairs = new byte[columns / 2];
    codes.bytes((first + row) * pairs.length, pairs);
    for (int i = 0; i < pairs.length; i++) {
      into.codes()[2 * i] = (byte) (pairs[i] & 15);
      into.codes()[2 * i + 1] = (byte) (pairs[i] >> 4 & 15);
    }
    byte[] exponents = new byte[columns / BLOCK];
    long from = (first + row) * exponents.length;
    scales.bytes(from, exponents);
    for (int j = 0; j < exponents.length; j++) {
      int exponent = exponents[j] & 0xFF;
      if (exponent == NO_NUMBER) {
        throw scales.problem("has a scale that is no number, its byte " + (from + j));
      }
      into.small()[j] = (short) exponent;
    }
  }

  @Override
  public void read(int row, int count, float[] into) throws IOException {
    Objects.checkFromIndexSize(row, count, rows);
    BlockRow one = BlockRow.of(FORMAT, columns);
    for (int r = 0; r < count; r++) {
      readRow(row + r, one);
      for (int i = 0; i < columns; i++) {
        float power = BlockFormat.power(one.small()[i / BLOCK]);
        into[r * columns + i] = power * FORMAT.value(one.codes()[i]);
      }
    }
  }
}

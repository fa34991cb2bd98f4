package io.fundamentallm.runtime.cpu.onnx;

import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.Int4Weights;
import io.fundamentallm.runtime.cpu.kernels.product.Int8Weights;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.model.Matrix;
import java.io.IOException;
import java.util.Arrays;

/**
 * A matrix in blocks of the runtime's own quantised weights, as MatMulNBits takes them: {@code w =
 * scale·(code − zero) + offset}. Zero is 8 or 128; two 4-bit codes share a byte, the first in the
 * low half. Written once: codes, then scales, then offsets, which are computed with the codes and
 * kept until then.
 */
final class QuantizedMatrix {
  static final int BLOCK = PackedWeights.BLOCK;

  private static final int PANEL = PackedWeights.PANEL;

  private final Matrix matrix;
  private final int bits;
  private final int blocks;
  private float[] scales = {}; // [rows][blocks]
  private float[] offsets = {}; // [blocks][rows]; only with 4 bits

  QuantizedMatrix(Matrix matrix, int bits) {
    this.matrix = matrix;
    this.bits = bits;
    blocks = PackedWeights.padded(matrix.columns()) / BLOCK;
  }

  /** [rows][blocks][bytes of a block's codes]. */
  void writeCodes(Region into) throws IOException {
    scales = new float[Math.multiplyExact(matrix.rows(), blocks)];
    offsets = new float[bits == 4 ? scales.length : 0];
    Rows rows = bits == 4 ? new FourBits(matrix) : new EightBits(matrix);
    byte[] q = new byte[matrix.columns()];
    float[] rowScales = new float[blocks];
    float[] rowOffsets = new float[blocks];
    byte[] codes = new byte[blocks * BLOCK * bits / 8];
    for (int row = 0; row < matrix.rows(); row++) {
      rows.read(row, q, rowScales, rowOffsets);
      System.arraycopy(rowScales, 0, scales, row * blocks, blocks);
      for (int block = 0; block < offsets.length / matrix.rows(); block++) {
        offsets[block * matrix.rows() + row] = rowOffsets[block];
      }
      encode(q, codes);
      into.bytes((long) row * codes.length, codes, 0, codes.length);
    }
  }

  private void encode(byte[] q, byte[] codes) {
    if (bits == 8) {
      Arrays.fill(codes, q.length, codes.length, (byte) 128);
      for (int i = 0; i < q.length; i++) {
        codes[i] = (byte) (q[i] + 128);
      }
      return;
    }
    Arrays.fill(codes, (byte) 0x88);
    for (int i = 0; i < q.length; i++) {
      codes[i / 2] =
          (byte) (i % 2 == 0 ? codes[i / 2] & 0xF0 | q[i] : codes[i / 2] & 0xF | q[i] << 4);
    }
  }

  /** [rows][blocks]. */
  void writeScales(Region into) throws IOException {
    into.floats(0, scales, 0, scales.length);
    scales = new float[0];
  }

  /** [blocks][rows]. */
  void writeOffsets(Region into) throws IOException {
    into.floats(0, offsets, 0, offsets.length);
    offsets = new float[0];
  }

  /** Quantised rows of a matrix, read in ascending order. */
  private interface Rows {
    /** With 8 bits there are no offsets. */
    void read(int row, byte[] q, float[] scales, float[] offsets) throws IOException;
  }

  private static final class EightBits implements Rows {
    private final Matrix matrix;
    private final Int8Weights held;
    private final float[] values;
    private final boolean mayHaveBlocks;

    EightBits(Matrix matrix) {
      this.matrix = matrix;
      held = new Int8Weights(1, matrix.columns());
      values = new float[matrix.columns()];
      mayHaveBlocks = matrix.format() == Matrix.Format.INT8 && matrix.columns() % BLOCK == 0;
    }

    @Override
    public void read(int row, byte[] q, float[] scales, float[] offsets) throws IOException {
      if (mayHaveBlocks && matrix.readBlocks(row, q, scales, offsets)) {
        return;
      }
      matrix.read(row, 1, values);
      held.fillRow(0, values, 0);
      held.readRow(0, q, scales);
    }
  }

  private static final class FourBits implements Rows {
    private final Kernels kernels = Kernels.best();
    private final Matrix matrix;
    private final Int4Weights panel;
    private final float[] values;
    private final float[] minima;
    private final boolean ownBlocks;

    FourBits(Matrix matrix) throws IOException {
      this.matrix = matrix;
      panel = new Int4Weights(PANEL, matrix.columns());
      minima = new float[PackedWeights.padded(matrix.columns()) / BLOCK];
      values = new float[PANEL * matrix.columns()];
      ownBlocks = hasOwnBlocks();
    }

    /** Whether all rows have them: if one has none, the runtime uses none of the others'. */
    private boolean hasOwnBlocks() throws IOException {
      if (matrix.format() != Matrix.Format.INT4 || matrix.columns() % BLOCK != 0) {
        return false;
      }
      byte[] q = new byte[matrix.columns()];
      float[] scales = new float[q.length / BLOCK];
      float[] minima = new float[scales.length];
      for (int row = 0; row < matrix.rows(); row++) {
        if (!matrix.readBlocks(row, q, scales, minima)) {
          return false;
        }
      }
      return true;
    }

    @Override
    public void read(int row, byte[] q, float[] scales, float[] offsets) throws IOException {
      if (ownBlocks) {
        matrix.readBlocks(row, q, scales, minima);
        panel.fillRow(0, q, scales, minima); // as the runtime holds them
        panel.readRow(0, q, scales, offsets);
        return;
      }
      if (row % PANEL == 0) {
        int count = Math.min(PANEL, matrix.rows() - row);
        matrix.read(row, count, values);
        Arrays.fill(values, count * matrix.columns(), values.length, 0f);
        panel.fill(kernels.product(), 0, values);
      }
      panel.readRow(row % PANEL, q, scales, offsets);
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import java.util.Arrays;

/** {@link Bf16Kernels} in plain Java. */
final class ScalarBf16 implements Bf16Kernels {

  private static final int PANEL = PackedWeights.PANEL;
  private static final int UPPER = 0xFFFF0000;

  @Override
  public void round(int n, float[] x, int at, short[] into) {
    for (int i = 0; i < n; i++) {
      into[i] = (short) (rounded(x[at + i]) >>> 16);
    }
  }

  @Override
  public void add(int n, float[] x, int xAt, float[] y, int yAt) {
    for (int i = 0; i < n; i++) {
      y[yAt + i] += x[xAt + i];
    }
  }

  @Override
  public void panel(
      PackedWeights w, int panel, int block, int count, float[] scratch, int[] into, int to) {
    int columns = w.columns();
    int first = block * PackedWeights.BLOCK;
    int end = Math.min(columns, first + count * PackedWeights.BLOCK);
    float[] row = new float[columns];
    for (int lane = 0; lane < PANEL; lane++) {
      if (panel * PANEL + lane < w.rows()) {
        w.row(panel * PANEL + lane, row, 0);
      } else {
        Arrays.fill(row, 0f);
      }
      for (int k = first; k < end; k += 2) {
        int upper = k + 1 < columns ? rounded(row[k + 1]) & UPPER : 0;
        into[to + (k - first) / 2 * PAIRS + lane] = rounded(row[k]) >>> 16 | upper;
      }
    }
  }

  private static int rounded(float x) {
    return Bf16Kernels.round(Float.floatToRawIntBits(x));
  }
}

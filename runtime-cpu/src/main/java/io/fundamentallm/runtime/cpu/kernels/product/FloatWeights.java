package io.fundamentallm.runtime.cpu.kernels.product;

/** Weights as 32-bit floats. */
public final class FloatWeights extends PackedWeights {

  /** In groups [columns][panels of the group][PANEL]. */
  final float[] values;

  /** Zeros, to be filled. */
  public FloatWeights(int rows, int columns) {
    super(rows, columns);
    values = new float[panels() * PANEL * columns];
  }

  /** Bytes of weights of this size. */
  public static long bytes(int rows, int columns) {
    return (long) padded(rows) * columns * Float.BYTES;
  }

  @Override
  public String name() {
    return "f32";
  }

  @Override
  public long bytes() {
    return 4L * values.length;
  }

  @Override
  public boolean quantized() {
    return false;
  }

  @Override
  public void fill(ProductKernels kernels, int panel, float[] from) {
    ScalarProduct.transpose(
        PANEL, columns(), from, 0, columns(), values, at(panel, columns()), step(panel));
  }

  @Override
  public void row(int row, float[] into, int at) {
    int panel = row / PANEL;
    int from = at(panel, columns()) + row % PANEL;
    int step = step(panel);
    for (int i = 0; i < columns(); i++) {
      into[at + i] = values[from + i * step];
    }
  }

  /** Distance between two columns of a row. */
  int step(int panel) {
    return PANEL * groupPanels(panel);
  }
}

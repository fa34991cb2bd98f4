package io.fundamentallm.runtime.cpu.train;

import io.fundamentallm.runtime.cpu.train.layer.Dropout;

/**
 * The switches of an objective, as the double-precision reference asks for them: one row, one
 * element at a time.
 *
 * @param smoothing ε of label smoothing
 * @param zLoss factor of the z-loss
 * @param begins where in its window the document of each row begins; empty for 0
 * @param hidden rows that no other sees; empty for none
 * @param masks what dropout multiplies by
 */
public record ReferenceSwitches(
    double smoothing, double zLoss, int[] begins, boolean[] hidden, Masks masks) {

  public static final ReferenceSwitches NONE =
      new ReferenceSwitches(
          0, 0, new int[0], new boolean[0], (place, layer, head, row, element) -> 1);

  /** Zero for what is dropped, and what makes up for that for what is kept. */
  public interface Masks {
    /**
     * The factor of an element.
     *
     * @param head 0 where it is not of attention
     * @param element channel, or position of the key
     */
    double of(Dropout.Place place, int layer, int head, int row, int element);
  }

  int begin(int row) {
    return begins.length == 0 ? 0 : begins[row];
  }

  /** Whether a row sees an earlier one of its window, or itself. */
  public boolean sees(int row, int key, int steps) {
    return key == row || (key % steps >= begin(row) && (hidden.length == 0 || !hidden[key]));
  }

  /** x [rows][n] times the mask. */
  double[] masked(Dropout.Place place, int layer, int n, double[] x) {
    double[] y = new double[x.length];
    for (int i = 0; i < x.length; i++) {
      y[i] = x[i] * masks.of(place, layer, 0, i / n, i % n);
    }
    return y;
  }
}

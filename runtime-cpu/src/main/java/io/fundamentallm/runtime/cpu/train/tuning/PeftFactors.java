package io.fundamentallm.runtime.cpu.train.tuning;

import io.fundamentallm.runtime.cpu.format.AdapterDirectory.Factor;
import io.fundamentallm.runtime.cpu.train.parameter.ParameterLayout.Tensor;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What adapters have trained, in PEFT's orientation: A [r][inputs], B [outputs][r], magnitudes
 * [outputs].
 *
 * @param tensors in one flat array
 * @param transposed whether those of two dimensions are the transposes of PEFT's
 */
record PeftFactors(List<Tensor> tensors, boolean transposed) {

  /** Copies of them all. */
  List<Factor> of(float[] values) {
    List<Factor> result = new ArrayList<>();
    for (Tensor tensor : tensors) {
      int from = tensor.offset();
      float[] own = Arrays.copyOfRange(values, from, from + tensor.size());
      List<Integer> shape = tensor.shape();
      if (transposed && shape.size() == 2) {
        own = transpose(shape.get(0), shape.get(1), own);
        shape = List.of(shape.get(1), shape.get(0));
      }
      result.add(new Factor(tensor.name(), shape, own));
    }
    return result;
  }

  /** Reads back what {@link #of} returned. */
  void read(List<Factor> read, float[] to) {
    for (int i = 0; i < read.size(); i++) {
      Factor factor = read.get(i);
      List<Integer> shape = factor.shape();
      float[] values =
          transposed && shape.size() == 2
              ? transpose(shape.get(0), shape.get(1), factor.values())
              : factor.values();
      System.arraycopy(values, 0, to, tensors.get(i).offset(), values.length);
    }
  }

  /** [n][m] from [m][n]. */
  private static float[] transpose(int m, int n, float[] values) {
    float[] turned = new float[values.length];
    for (int i = 0; i < m; i++) {
      for (int j = 0; j < n; j++) {
        turned[j * m + i] = values[i * n + j];
      }
    }
    return turned;
  }
}

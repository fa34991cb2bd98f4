package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Products with the weights of a linear layer by oneDNN; those of few rows are the Java kernels'.
 */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class OneDnnProductTest {
  static final List<String> FORMATS = LinearCase.FORMATS;

  private static final int[] COLUMNS = {31, 64, 385};
  private static final int[] WHOLE_BLOCKS = {288};
  private static final int[] OUTPUTS = {33, 300};
  private static final int[] ROWS = {15, 16, 79};

  private final List<Kernels> sets = KernelSets.oneDnn();

  private static void each(String format, int[] allRows, Consumer<LinearCase> check) {
    Random random = new Random(1);
    boolean blocks = format.contains("_") || format.matches("mixed|mxfp4");
    for (int columns : blocks ? WHOLE_BLOCKS : COLUMNS) {
      for (int outputs : OUTPUTS) {
        PackedWeights weights = LinearCase.weights(format, outputs, columns, random);
        for (int rows : allRows) {
          check.accept(new LinearCase(weights, rows, random));
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void products_agree_with_double_arithmetic_on_the_weights_held(String format) {
    for (Precision precision : Precision.values()) {
      for (Kernels set : sets) {
        Kernels kernels = set.with(precision);
        boolean narrow = precision == Precision.BF16 || !format.equals("f32");
        each(
            format,
            ROWS,
            some -> {
              PackedWeights weights = some.weights;
              float[] y = some.product(kernels, 0, some.rows, 0, weights.panels());
              float[] start = some.start();
              float[] ofRow = new float[weights.columns()];
              double worst = 0;
              double largest = 0;
              for (int n = 0; n < weights.rows(); n++) {
                weights.row(n, ofRow, 0);
                for (int row = 0; row < some.rows; row++) {
                  double expected = some.unrounded(row, n, ofRow);
                  largest = Math.max(largest, some.bound(row, ofRow));
                  worst = Math.max(worst, Math.abs(y[some.at(row, n)] - expected));
                }
              }
              // both operands are rounded to eight bits, and int8's inputs to seven in Java
              double tolerance = narrow ? 0x1p-7 : 1e-5;
              assertThat(worst / largest).as("%s, %s", precision, some).isLessThan(tolerance);
              for (int n = weights.rows(); n < PackedWeights.padded(weights.rows()); n++) {
                for (int row = 0; row < some.rows; row++) {
                  assertThat(y[some.at(row, n)]).as("%s", some).isEqualTo(start[some.at(row, n)]);
                }
              }
            });
      }
    }
  }

  private static double difference(PackedWeights weights, Precision precision) {
    if (weights.quantized()) {
      return 0x1p-9; // rounded in other ways where two numbers are about as near
    }
    // vectors of 512 bits compute 32-bit products themselves, in another order of sums
    return weights.name().equals("f32") && precision != Precision.BF16 ? 0x1p-18 : 0;
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void both_java_kernels_hand_over_the_same_numbers(String format) {
    for (Precision precision : Precision.values()) {
      each(
          format,
          ROWS,
          some -> {
            float[] expected =
                some.product(sets.get(0).with(precision), 0, some.rows, 0, some.weights.panels());
            for (Kernels kernels : sets) {
              float[] y =
                  some.product(kernels.with(precision), 0, some.rows, 0, some.weights.panels());
              double most = difference(some.weights, precision) * norm(expected);
              for (int i = 0; i < y.length; i++) {
                assertThat(Math.abs((double) y[i] - expected[i]))
                    .as("%s, %s, element %s", kernels.name(), some, i)
                    .isLessThanOrEqualTo(most);
              }
            }
          });
    }
  }

  private static double norm(float[] y) {
    double sum = 0;
    for (float value : y) {
      sum += (double) value * value;
    }
    return Math.sqrt(sum);
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void an_element_does_not_depend_on_how_rows_and_panels_are_divided(String format) {
    for (Kernels set : sets) {
      for (Precision precision : Precision.values()) {
        Kernels kernels = set.with(precision);
        each(
            format,
            new int[] {97},
            some -> {
              int panels = some.weights.panels();
              float[] whole = some.product(kernels, 0, some.rows, 0, panels);
              float[] parts = some.start();
              for (int row = 0; row < some.rows; row += 12) {
                int count = Math.min(12, some.rows - row);
                for (int panel = 0; panel < panels; panel += 3) {
                  int end = Math.min(panels, panel + 3);
                  some.add(kernels, some.rows, row, count, panel, end, parts);
                }
              }
              assertThat(parts).as("%s, %s, %s", kernels.name(), precision, some).isEqualTo(whole);
            });
      }
    }
  }
}

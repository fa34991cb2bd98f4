package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.FieldSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Products of rows with the weights of a linear layer, at sizes around those of the loops. */
@Tag("once") // on all sets of kernels at once
class LinearTest {
  static final List<String> FORMATS = LinearCase.FORMATS;

  private static final int[] COLUMNS = {1, 5, 31, 32, 33, 64, 172, 288, 385, 800};
  private static final int[] WHOLE_BLOCKS = {32, 288};
  private static final int[] OUTPUTS = {1, 31, 33, 64, 96, 100};
  private static final int[] ROWS = {1, 2, 3, 4, 5, 6, 7, 8, 9, 12, 13, 17, 32, 33, 40};

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
  void all_kernels_give_the_same_bits(String format) {
    List<Kernels> sets = KernelSets.all();
    each(
        format,
        ROWS,
        some -> {
          int panels = some.weights.panels();
          float[] expected = some.product(sets.get(0), 0, some.rows, 0, panels);
          for (Kernels kernels : sets) {
            assertThat(some.product(kernels, 0, some.rows, 0, panels))
                .as("%s, %s", kernels.name(), some)
                .isEqualTo(expected);
          }
        });
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void many_panels_have_the_same_bits(String format) {
    Random random = new Random(5);
    List<Kernels> sets = KernelSets.all();
    for (int panels : new int[] {5, 7, 17}) {
      // two groups of eight blocks and one block
      int outputs = panels * PackedWeights.PANEL;
      PackedWeights weights = LinearCase.weights(format, outputs, 544, random);
      for (int rows : new int[] {1, 2, 3, 5, 7}) {
        LinearCase some = new LinearCase(weights, rows, random);
        float[] expected = some.start();
        some.add(sets.get(0), 0, rows, 0, weights.panels(), expected);
        for (Kernels kernels : sets) {
          float[] y = some.start();
          some.add(kernels, 0, rows, 0, weights.panels(), y);
          assertThat(y).as("%s, %s", kernels.name(), some).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void products_agree_with_double_arithmetic_on_the_weights_held(String format) {
    double tolerance = 1e-5;
    for (Kernels kernels : KernelSets.all()) {
      each(
          format,
          new int[] {1, 5, 17},
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
                double expected = some.expected(row, n, ofRow);
                largest = Math.max(largest, some.bound(row, ofRow));
                worst = Math.max(worst, Math.abs(y[some.at(row, n)] - expected));
              }
            }
            assertThat(worst / largest).as("%s", some).isLessThan(tolerance);
            for (int n = weights.rows(); n < PackedWeights.padded(weights.rows()); n++) {
              for (int row = 0; row < some.rows; row++) {
                assertThat(y[some.at(row, n)]).as("%s", some).isEqualTo(start[some.at(row, n)]);
              }
            }
          });
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void a_row_has_the_same_bits_alone_and_among_others(String format) {
    for (Kernels kernels : KernelSets.all()) {
      each(
          format,
          new int[] {5, 17, 40},
          some -> {
            int panels = some.weights.panels();
            float[] together = some.product(kernels, 0, some.rows, 0, panels);
            float[] alone = some.start();
            for (int row = 0; row < some.rows; row++) {
              some.add(kernels, row, 1, 0, panels, alone);
            }
            assertThat(alone).as("%s", some).isEqualTo(together);
            float[] inTwo = some.start();
            some.add(kernels, 0, 3, 0, panels, inTwo);
            some.add(kernels, 3, some.rows - 3, 0, panels, inTwo);
            assertThat(inTwo).as("%s", some).isEqualTo(together);
          });
    }
  }

  @ParameterizedTest
  @FieldSource("FORMATS")
  void any_panels_have_the_same_bits_and_leave_the_others_alone(String format) {
    for (Kernels kernels : KernelSets.all()) {
      each(
          format,
          new int[] {1, 2, 3, 5, 13},
          some -> {
            int panels = some.weights.panels();
            float[] whole = some.product(kernels, 0, some.rows, 0, panels);
            for (int from = 0; from < panels; from++) {
              for (int to = from; to <= panels; to++) {
                float[] part = some.product(kernels, 0, some.rows, from, to);
                float[] expected = some.start();
                for (int row = 0; row < some.rows; row++) {
                  int begin = some.at(row, from * PackedWeights.PANEL);
                  int count = (to - from) * PackedWeights.PANEL;
                  System.arraycopy(whole, begin, expected, begin, count);
                }
                assertThat(part).as("%s, panels %d to %d", some, from, to).isEqualTo(expected);
              }
            }
          });
    }
  }

  @Test
  void no_rows_change_nothing() {
    for (Kernels kernels : KernelSets.all()) {
      for (String format : FORMATS) {
        PackedWeights weights = LinearCase.weights(format, 64, 40, new Random(2));
        LinearCase some = new LinearCase(weights, 4, new Random(3));
        assertThat(some.product(kernels, 0, 0, 0, 2)).isEqualTo(some.start());
      }
    }
  }

  @Test
  void weights_that_no_array_holds_are_refused() {
    assertThatThrownBy(() -> new FloatWeights(1 << 16, 1 << 16))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("a matrix of 65536×65536 weights is too large for one array");
    assertThatThrownBy(() -> new Int8Weights(3, 0))
        .isInstanceOf(IllegalArgumentException.class)
        .hasMessage("no matrix has 3 rows, 0 columns");
  }

  @ParameterizedTest
  @ValueSource(strings = {"int8", "int4"})
  void inputs_are_rounded_to_the_integers_of_their_block(String format) {
    Random random = new Random(4);
    for (Kernels kernels : KernelSets.all()) {
      for (int columns : COLUMNS) {
        PackedWeights weights = LinearCase.empty(format, 1, columns);
        for (int rows = 1; rows < 10; rows++) {
          int padded = PackedWeights.padded(columns);
          int tile = QuantizedRows.tile(weights, rows);
          float[] x = new float[rows * padded];
          for (int row = 0; row < rows; row++) {
            System.arraycopy(KernelSets.random(columns, random), 0, x, row * padded, columns);
          }
          int size = PackedProduct.preparedSize(columns);
          float[] q = new float[PackedProduct.PREPARED_TILES * size];
          Arrays.fill(q, Float.NaN);
          PackedProduct product =
              new PackedProduct(new Product()).weights(weights, rows).inputs(x, padded, q);
          kernels.product().prepareRows(product.rows(0, rows));
          boolean floats = QuantizedRows.floats(weights, tile);
          int blocks = padded / PackedWeights.BLOCK;
          for (int i = 0; i < (rows + tile - 1) / tile * tile * blocks; i++) {
            int row = i / blocks;
            int at = QuantizedRows.index(product, row, i % blocks);
            check(q, at, floats, x, row * padded + i % blocks * PackedWeights.BLOCK);
          }
        }
      }
    }
  }

  private static void check(float[] q, int at, boolean floats, float[] x, int xAt) {
    float scale = q[at + QuantizedRows.SCALE];
    int sum = 0;
    int largest = 0;
    for (int k = 0; k < PackedWeights.BLOCK; k++) {
      int value = (int) QuantizedRows.value(q[at + k], floats);
      float expected = xAt + k < x.length ? x[xAt + k] : 0f;
      assertThat(value * scale).isCloseTo(expected, within(0.501f * scale));
      if (!floats) {
        assertThat(Float.floatToRawIntBits(q[at + k]) >> 16).isEqualTo(value);
      }
      sum += value;
      largest = Math.max(largest, Math.abs(value));
    }
    assertThat(largest).isEqualTo(scale == 0 ? 0 : 127);
    int start = Float.floatToRawIntBits(q[at + QuantizedRows.START]);
    assertThat((short) start).isEqualTo((short) (-8 * sum));
    assertThat((short) (start >> 16)).isEqualTo((short) (-8 * sum));
    assertThat(q[at + QuantizedRows.SUM]).isEqualTo(-scale * sum);
  }

  /** Rows of the largest codes and of the smallest ones, with inputs of one sign. */
  @ParameterizedTest
  @EnumSource
  void sums_of_the_largest_codes_do_not_overflow(BlockFormat format) {
    int columns = 256;
    BlockWeights weights = new BlockWeights(format, 32, columns);
    BlockRow from = BlockRow.of(format, columns);
    Arrays.fill(from.small(), (short) (format == BlockFormat.MXFP4 ? 0x8080 : 0x7F7F));
    Arrays.fill(from.factors(), Half.fromFloat(0x1p-7f));
    Arrays.fill(from.minima(), Half.fromFloat(0x1p-7f));
    for (int row = 0; row < 32; row++) {
      int most = (1 << format.low + format.high) - 1;
      Arrays.fill(from.codes(), (byte) (row % 3 == 0 ? 0 : row % 3 == 1 ? most : most / 2 + 1));
      weights.fillRow(row, from);
    }
    float[] x = new float[7 * columns];
    for (float value : new float[] {-3, 3}) {
      Arrays.fill(x, value);
      for (Kernels kernels : KernelSets.all()) {
        for (int rows : new int[] {1, 4, 7}) {
          float[] y = panel(kernels, weights, x, rows);
          float[] ofRow = new float[columns];
          for (int i = 0; i < y.length; i++) {
            weights.row(i % 32, ofRow, 0);
            double sum = 0;
            double size = 0;
            for (float w : ofRow) {
              sum += (double) value * w;
              size += Math.abs((double) value * w);
            }
            assertThat((double) y[i])
                .as("%s, %s, row %d", format, kernels.name(), i)
                .isCloseTo(sum, within(1e-5 * size));
          }
        }
      }
    }
  }

  @Test
  void sums_of_the_largest_products_do_not_overflow() {
    for (String format : List.of("int8", "int4")) {
      int columns = 64;
      PackedWeights weights = LinearCase.empty(format, 32, columns);
      for (int row = 0; row < 32; row++) {
        byte[] q = new byte[columns];
        Arrays.fill(q, (byte) (format.equals("int8") ? -128 : row % 2 == 0 ? 0 : 15));
        float[] scales = {0.5f, 2f};
        if (weights instanceof Int8Weights bytes) {
          bytes.fillRow(row, q, scales);
        } else {
          ((Int4Weights) weights).fillRow(row, q, scales, new float[] {4f, 16f});
        }
      }
      float[] x = new float[7 * columns];
      Arrays.fill(x, -3f);
      float[] ofRow = new float[columns];
      for (Kernels kernels : KernelSets.all()) {
        for (int rows : new int[] {1, 4, 7}) {
          float[] y = panel(kernels, weights, x, rows);
          for (int i = 0; i < y.length; i++) {
            weights.row(i % 32, ofRow, 0);
            float sum = 0;
            for (float w : ofRow) {
              sum += -3f * w;
            }
            assertThat(y[i]).as("%s, %s", format, kernels.name()).isCloseTo(sum, within(0.05f));
          }
        }
      }
    }
  }

  /** The product of some rows with weights of one panel. */
  private static float[] panel(Kernels kernels, PackedWeights weights, float[] x, int rows) {
    int columns = weights.columns();
    float[] y = new float[rows * PackedWeights.PANEL];
    PackedProduct product =
        new PackedProduct(new Product())
            .weights(weights, rows)
            .inputs(
                x,
                columns,
                new float[PackedProduct.PREPARED_TILES * PackedProduct.preparedSize(columns)])
            .rows(0, rows);
    kernels.product().prepareRows(product);
    kernels.product().multiply(product.panels(0, 1).addTo(y, 0, PackedWeights.PANEL));
    return y;
  }
}

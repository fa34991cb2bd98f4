package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.stream.Stream;

/**
 * One product with packed weights, on arrays where everything that must not be read is NaN: between
 * the rows of x, around its sums, and in scratch.
 */
final class LinearCase {
  /** All formats of weights, and mixtures of some. */
  static final List<String> FORMATS =
      Stream.concat(
              Stream.of("f32", "bf16", "f16", "int8", "int4", "mixed", "mixed with floats"),
              Arrays.stream(BlockFormat.values()).map(BlockFormat::label))
          .toList();

  private static final int AT = 3;

  final PackedWeights weights;
  final int rows;
  private final int ldx;
  private final int ldy;
  private final int preparedSize;
  private final float[] x;
  private final float[] start;

  LinearCase(PackedWeights weights, int rows, Random random) {
    this.weights = weights;
    this.rows = rows;
    int read = weights.quantized() ? PackedWeights.padded(weights.columns()) : weights.columns();
    ldx = read + 5;
    ldy = PackedWeights.padded(weights.rows()) + 7;
    preparedSize = PackedProduct.preparedSize(weights.columns());
    x = new float[AT + rows * ldx];
    Arrays.fill(x, Float.NaN);
    for (int i = 0; i < rows; i++) {
      int at = AT + i * ldx;
      System.arraycopy(KernelSets.random(weights.columns(), random), 0, x, at, weights.columns());
      Arrays.fill(x, at + weights.columns(), at + read, 0f);
    }
    start = KernelSets.random(AT + rows * ldy, random);
  }

  /** Weights of deviation 1, filled panel by panel. */
  static PackedWeights weights(String format, int rows, int columns, Random random) {
    if (format.equals("mixed")) {
      int whole = PackedWeights.padded(rows);
      PackedWeights first = weights("q2_k", whole, columns, random);
      PackedWeights second = weights("q6_k", whole, first.columns(), random);
      PackedWeights both = MixedWeights.alternating(first, second);
      PackedWeights last = weights("q8_0", rows, columns, random);
      return MixedWeights.stacked(List.of(both, last));
    }
    if (format.equals("mixed with floats")) {
      PackedWeights first = weights("q4_k", PackedWeights.padded(rows), columns, random);
      PackedWeights second = weights("bf16", first.rows(), first.columns(), random);
      PackedWeights last = weights("f32", rows, first.columns(), random);
      return MixedWeights.stacked(List.of(first, second, last));
    }
    PackedWeights weights = empty(format, rows, columns);
    if (weights instanceof BlockWeights blocks) {
      fill(blocks, random);
      return weights;
    }
    fill(weights, KernelSets.all().get(0), KernelSets.random(rows * columns, random));
    return weights;
  }

  static PackedWeights empty(String format, int rows, int columns) {
    return switch (format) {
      case "f32" -> new FloatWeights(rows, columns);
      case "bf16" -> new HalfWeights(HalfWeights.Type.BF16, rows, columns);
      case "f16" -> new HalfWeights(HalfWeights.Type.F16, rows, columns);
      case "int8" -> new Int8Weights(rows, columns);
      case "int4" -> new Int4Weights(rows, columns);
      default ->
          new BlockWeights(
              BlockFormat.valueOf(format.toUpperCase(Locale.ROOT)),
              rows,
              PackedWeights.padded(columns));
    };
  }

  /** Any codes and small integers; factors of some size. */
  private static void fill(BlockWeights weights, Random random) {
    BlockFormat format = weights.format();
    BlockRow row = BlockRow.of(format, weights.columns());
    for (int r = 0; r < weights.rows(); r++) {
      for (int i = 0; i < row.codes().length; i++) {
        row.codes()[i] = (byte) random.nextInt(1 << format.low + format.high);
      }
      for (int i = 0; i < row.small().length; i++) {
        boolean exponent = format == BlockFormat.MXFP4;
        row.small()[i] = (short) (exponent ? 120 + random.nextInt(16) : random.nextInt());
      }
      for (int i = 0; i < row.factors().length; i++) {
        row.factors()[i] = Half.fromFloat((float) random.nextGaussian());
        row.minima()[i] = Half.fromFloat((float) random.nextGaussian());
      }
      weights.fillRow(r, row);
    }
  }

  /** Fills all panels from a matrix [rows][columns]. */
  static void fill(PackedWeights weights, Kernels kernels, float[] values) {
    int size = PackedWeights.PANEL * weights.columns();
    for (int panel = 0; panel < weights.panels(); panel++) {
      int end = Math.min(values.length, (panel + 1) * size);
      weights.fill(
          kernels.product(),
          panel,
          Arrays.copyOf(Arrays.copyOfRange(values, panel * size, end), size));
    }
  }

  /** y as it was before, with the product of some rows and panels added. */
  float[] product(Kernels kernels, int row, int count, int fromPanel, int toPanel) {
    float[] y = start.clone();
    add(kernels, row, count, fromPanel, toPanel, y);
    return y;
  }

  void add(Kernels kernels, int row, int count, int fromPanel, int toPanel, float[] y) {
    add(kernels, count, row, count, fromPanel, toPanel, y);
  }

  /** The same as a part of a product of {@code all} rows, whether or not weights are read ahead. */
  void add(Kernels kernels, int all, int row, int count, int fromPanel, int toPanel, float[] y) {
    float[] ahead = y.clone();
    add(kernels, all, row, count, fromPanel, toPanel, true, ahead);
    add(kernels, all, row, count, fromPanel, toPanel, false, y);
    assertThat(ahead).isEqualTo(y);
  }

  private void add(
      Kernels kernels,
      int all,
      int row,
      int count,
      int fromPanel,
      int toPanel,
      boolean fromMemory,
      float[] y) {
    float[] quantized = new float[(count + PackedProduct.PREPARED_TILES) * preparedSize];
    Arrays.fill(quantized, Float.NaN);
    float[] some = Arrays.copyOfRange(x, AT + row * ldx, AT + (row + count) * ldx);
    float[] scratch = new float[Product.SCRATCH];
    Arrays.fill(scratch, Float.NaN);
    PackedProduct product =
        new PackedProduct(new Product(scratch))
            .reads(fromMemory ? Long.MAX_VALUE : 0)
            .weights(weights, all)
            .inputs(some, ldx, quantized)
            .rows(0, count);
    if (kernels.product().prepares(product)) {
      kernels.product().prepareRows(product);
    }
    kernels.product().multiply(product.panels(fromPanel, toPanel).addTo(y, AT + row * ldy, ldy));
  }

  float[] start() {
    return start.clone();
  }

  /** Index in y of an element. */
  int at(int row, int n) {
    return AT + row * ldy + n;
  }

  /** The norm of a row of x times that of a row of weights, which bounds their product. */
  double bound(int row, float[] ofRow) {
    double xx = 0;
    double ww = 0;
    for (int k = 0; k < weights.columns(); k++) {
      xx += Math.pow(x[AT + row * ldx + k], 2);
      ww += Math.pow(ofRow[k], 2);
    }
    return Math.sqrt(xx * ww);
  }

  /**
   * The element in double, from the weights as they are held and the inputs as they are rounded.
   */
  double expected(int row, int n, float[] ofRow) {
    double sum = start[at(row, n)];
    for (int k = 0; k < weights.columns(); k++) {
      sum += input(row, k) * ofRow[k];
    }
    return sum;
  }

  /** The same from the inputs as they are. */
  double unrounded(int row, int n, float[] ofRow) {
    double sum = start[at(row, n)];
    for (int k = 0; k < weights.columns(); k++) {
      sum += (double) x[AT + row * ldx + k] * ofRow[k];
    }
    return sum;
  }

  private double input(int row, int k) {
    int at = AT + row * ldx;
    if (!weights.quantized()) {
      return x[at + k];
    }
    int from = k / PackedWeights.BLOCK * PackedWeights.BLOCK;
    int to = Math.min(weights.columns(), from + PackedWeights.BLOCK);
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(x[at + i]));
    }
    return (double) (largest / 127) * Math.rint(x[at + k] * (127 / largest));
  }

  @Override
  public String toString() {
    return weights.name() + " " + weights.rows() + "×" + weights.columns() + ", " + rows + " rows";
  }
}

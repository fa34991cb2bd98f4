package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.format.BlockRows;
import io.fundamentallm.runtime.cpu.format.GgufBytes;
import io.fundamentallm.runtime.cpu.format.GgufModels;
import io.fundamentallm.runtime.cpu.format.ModelFiles;
import io.fundamentallm.runtime.cpu.format.TinyModel;
import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.product.PackedProduct;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * From the file to the product: every type of tensor, in every format of weights, by all kernels,
 * against what the file stands for in double. Each weight is held within what its format promises,
 * and each product errs by no more than these weights and the rounded inputs explain.
 */
@Tag("once") // on all sets of kernels at once
class BlockProductsTest {
  private static final int COLUMNS = 256;
  private static final int BLOCK = PackedWeights.BLOCK;

  /** Types whose blocks are held number for number, in the format that they have in a file. */
  private static final Set<String> EXACT = Set.of("Q8_0 in int8", "Q5_0 in int8", "Q4_0 in int4");

  private static final Set<String> TABLE = new TreeSet<>();

  @TempDir Path directory;

  static Stream<Arguments> cases() {
    return BlockRows.TYPES.stream()
        .flatMap(
            type ->
                Stream.of("auto", "f32", "int8", "int4")
                    .map(weights -> Arguments.of(type, weights)));
  }

  @AfterAll
  static void print() {
    System.out.println("type, weights: largest difference to double, of the norms' product");
    System.out.println("with inputs that 8 bits hold; with any");
    TABLE.forEach(System.out::println);
  }

  @ParameterizedTest
  @MethodSource("cases")
  void products_are_those_of_the_weights_in_the_file(String type, String weights)
      throws IOException {
    GgufBytes gguf = GgufModels.llama(TinyModel.llama("llama", COLUMNS, 4, 2, 64, 256));
    BlockRows out = add(gguf, "attn_output", type, 256, 1);
    BlockRows down = add(gguf, "ffn_down", type, 256, 2);
    BlockRows gate = add(gguf, "ffn_gate", type, 256, 3);
    BlockRows up = add(gguf, "ffn_up", type, 256, 4);
    add(gguf, "attn_q", type, 256, 5);
    add(gguf, "attn_k", type, 128, 6);
    BlockRows value = add(gguf, "attn_v", type, 128, 7);
    Path file = directory.resolve("model.gguf");
    Files.write(file, gguf.bytes());
    Matrix.Format format =
        weights.equals("auto") ? null : Matrix.Format.valueOf(weights.toUpperCase(Locale.ROOT));
    for (Kernels kernels : KernelSets.all()) {
      try (ModelFiles files = ModelFiles.open(file);
          Parallel parallel = Parallel.ofThreads(1)) {
        Transformer.Block block =
            new WeightPacker(format, kernels, parallel)
                .pack(files.config(), files.weights())
                .blocks()
                .get(0);
        Judge judge = new Judge(type, weights, kernels);
        judge.judge(block.attentionOut().weights(), out, 0, 1);
        judge.judge(block.down().weights(), down, 0, 1);
        judge.judge(block.up().weights(), gate, 0, 2);
        judge.judge(block.up().weights(), up, 1, 2);
        judge.judge(block.queryKeyValue().weights(), value, 12, 1);
        TABLE.add(judge.line());
      }
    }
  }

  private static BlockRows add(GgufBytes gguf, String name, String type, int rows, long seed) {
    BlockRows data = BlockRows.random(type, rows, COLUMNS, new Random(seed));
    gguf.add("blk.0." + name + ".weight", type, new int[] {rows, COLUMNS}, data.bytes());
    return data;
  }

  /** What one format and one set of kernels make of the rows of a file. */
  private static final class Judge {
    private final String type;
    private final String asked;
    private final Kernels kernels;
    private final Random random = new Random(8);
    private final Set<String> held = new TreeSet<>();
    private double largestOfWeights;
    private double largestOfAll;

    Judge(String type, String asked, Kernels kernels) {
      this.type = type;
      this.asked = asked;
      this.kernels = kernels;
    }

    /** Rows of a matrix whose panels are every {@code step}-th of the packed ones. */
    void judge(PackedWeights packed, BlockRows expected, int firstPanel, int step) {
      held.add(packed.name());
      int panel = PackedWeights.PANEL;
      float[] row = new float[COLUMNS];
      List<double[]> bounds = new ArrayList<>();
      for (int r = 0; r < expected.rows(); r++) {
        packed.row((firstPanel + r / panel * step) * panel + r % panel, row, 0);
        bounds.add(checkHeld(packed.name(), expected, r, row));
      }
      for (int count : new int[] {1, 5, 13}) {
        float[] whole = new float[count * COLUMNS];
        float[] any = new float[whole.length];
        for (int i = 0; i < whole.length; i++) {
          whole[i] = i % BLOCK == 0 ? 127 : random.nextInt(255) - 127;
          any[i] = (float) random.nextGaussian();
        }
        for (float[] x : List.of(whole, any)) {
          int ldy = PackedWeights.padded(packed.rows());
          float[] y = product(packed, count, x, ldy);
          for (int i = 0; i < count; i++) {
            for (int r = 0; r < expected.rows(); r++) {
              int at = i * ldy + (firstPanel + r / panel * step) * panel + r % panel;
              boolean rounded = packed.quantized() && x == any;
              double error = check(x, i, expected, r, bounds.get(r), rounded, y[at]);
              largestOfAll = Math.max(largestOfAll, error);
              largestOfWeights = Math.max(largestOfWeights, x == any ? 0 : error);
            }
          }
        }
      }
    }

    /** How far each weight of a row may be from the file's; and that it is no further. */
    private double[] checkHeld(String format, BlockRows expected, int r, float[] row) {
      double[] bounds = new double[COLUMNS];
      for (int from = 0; from < COLUMNS; from += BLOCK) {
        double low = 0;
        double high = 0;
        for (int k = from; k < from + BLOCK; k++) {
          low = Math.min(low, expected.value(r, k));
          high = Math.max(high, expected.value(r, k));
        }
        double largest = Math.max(-low, high);
        boolean own = asked.equals("auto") || format.equals(asked);
        boolean fitted = format.equals("int4") && !(own && expected.hasFourBits());
        double bound;
        double norm;
        if (fitted) {
          // the best range's squared error is at most that of the whole range
          bound = 0.3 * (high - low) + (high - low) / 15;
          norm = Math.sqrt(BLOCK) * (high - low) / 30 * 1.03;
        } else {
          boolean kept = asked.equals("auto");
          boolean exact =
              format.equals("f32") || kept || EXACT.contains(type + " in " + format) && own;
          bound = (exact ? 1e-6 : 1.01 / 254) * largest;
          norm = Math.sqrt(BLOCK) * bound;
        }
        double errors = 0;
        for (int k = from; k < from + BLOCK; k++) {
          double error = Math.abs(row[k] - expected.value(r, k));
          atMost(bound, error, "weight " + k, expected, r);
          errors += error * error;
          bounds[k] = norm / Math.sqrt(BLOCK);
        }
        atMost(norm, Math.sqrt(errors), "block at " + from, expected, r);
      }
      return bounds;
    }

    private double check(
        float[] x, int i, BlockRows expected, int r, double[] bounds, boolean rounded, float y) {
      double sum = 0;
      double sizes = 0;
      double allowed = 0;
      double xx = 0;
      double ww = 0;
      for (int from = 0; from < COLUMNS; from += BLOCK) {
        double largest = 0;
        double norm = 0;
        double weights = 0;
        for (int k = from; k < from + BLOCK; k++) {
          double input = x[i * COLUMNS + k];
          double weight = expected.value(r, k);
          sum += input * weight;
          sizes += Math.abs(input * weight);
          largest = Math.max(largest, Math.abs(input));
          norm += input * input;
          weights += Math.abs(weight) + bounds[k];
          ww += weight * weight;
        }
        xx += norm;
        allowed += Math.sqrt(norm * BLOCK) * bounds[from];
        allowed += rounded ? largest / 253 * weights : 0;
      }
      double error = Math.abs(y - sum);
      atMost(allowed + 1e-5 * sizes, error, "product", expected, r);
      return ww == 0 ? error : error / Math.sqrt(xx * ww);
    }

    /** Millions of figures: they are described where they are too large. */
    private void atMost(double bound, double error, String what, BlockRows expected, int r) {
      if (!(error <= bound)) {
        assertThat(error)
            .as("%s of %s %s as %s, %s", what, expected.kind(r), type, asked, kernels.name())
            .isLessThanOrEqualTo(bound);
      }
    }

    private float[] product(PackedWeights packed, int rows, float[] x, int ldy) {
      float[] quantized =
          new float[(rows + PackedProduct.PREPARED_TILES) * PackedProduct.preparedSize(COLUMNS)];
      float[] y = new float[rows * ldy];
      float[] scratch = new float[Product.SCRATCH];
      Arrays.fill(scratch, Float.NaN);
      PackedProduct product =
          new PackedProduct(new Product(scratch))
              .weights(packed, rows)
              .inputs(x, COLUMNS, quantized)
              .rows(0, rows);
      if (kernels.product().prepares(product)) {
        kernels.product().prepareRows(product);
      }
      kernels.product().multiply(product.panels(0, packed.panels()).addTo(y, 0, ldy));
      return y;
    }

    String line() {
      return String.format(
          Locale.ROOT,
          "%-5s %-5s %-18s %-10s %.1e  %.1e",
          type,
          asked,
          kernels.name(),
          String.join("+", held),
          largestOfWeights,
          largestOfAll);
    }
  }
}

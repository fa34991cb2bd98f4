package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIf;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Products of two matrices by oneDNN, with odd offsets and leading dimensions. */
@Tag("onednn")
@EnabledIf("io.fundamentallm.runtime.cpu.kernels.KernelSets#oneDnnRuns")
class OneDnnMatricesTest {
  private static final int[][] SIZES = {
    {300, 190, 250},
    {97, 1100, 101},
    {1100, 97, 101},
    {70, 90, 2100},
    {2100, 70, 77},
    {33, 5000, 70},
    {96, 1000, 128},
    {64, 200, 1056},
    {300, 4161, 40},
    {1100, 65, 128}
  };

  private final List<Kernels> sets =
      KernelSets.oneDnn().stream().map(set -> set.with(Precision.BF16)).toList();

  private record Case(
      Form form, int m, int n, int k, int lda, int ldb, int ldc, float[] a, float[] b, float[] c) {
    static Case of(Form form, int[] size, Random random) {
      int m = size[0];
      int n = size[1];
      int k = size[2];
      int lda = (form == Form.AT_B ? m : k) + 3;
      int ldb = (form == Form.A_BT ? k : n) + 1;
      int ldc = n + 2;
      return new Case(
          form,
          m,
          n,
          k,
          lda,
          ldb,
          ldc,
          KernelSets.random(1 + (form == Form.AT_B ? k : m) * lda, random),
          KernelSets.random(2 + (form == Form.A_BT ? n : k) * ldb, random),
          KernelSets.random(3 + m * ldc, random));
    }

    Product describe(Product product, float[] out, int start) {
      product.left(a, 1, lda).right(b, 2, ldb).into(out, 3, ldc);
      return switch (start) {
        case 0 -> product;
        case 1 -> product.start(c, 0, 0);
        default -> product.addTo(out, 3, ldc);
      };
    }

    float[] run(Kernels kernels, int threads, int start) {
      return run(kernels, threads, start, false);
    }

    float[] run(Kernels kernels, int threads, int start, boolean copied) {
      float[] out = c.clone();
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        TeamProduct product = new TeamProduct(kernels.product(), parallel);
        if (copied) {
          RoundedWeights weights =
              Objects.requireNonNull(kernels.product().rounded(b, 2, parallel.slots()));
          for (int i = 0; i < weights.size(); i += RoundedWeights.PIECE) {
            weights.round(i, Math.min(RoundedWeights.PIECE, weights.size() - i), 0);
          }
          product.rounded(weights);
        }
        describe(product.shape(form, m, n, k), out, start);
        product.run();
        product.close();
      }
      return out;
    }

    double expected(int row, int column, int start) {
      double sum = start == 0 ? 0 : start == 1 ? c[column] : c[3 + row * ldc + column];
      for (int j = 0; j < k; j++) {
        float x = a[1 + (form == Form.AT_B ? j * lda + row : row * lda + j)];
        float y = b[2 + (form == Form.A_BT ? column * ldb + j : j * ldb + column)];
        sum += (double) bf16(x) * bf16(y);
      }
      return sum;
    }

    private static float bf16(float x) {
      return Float.intBitsToFloat(Bf16Kernels.round(Float.floatToRawIntBits(x)) & 0xFFFF0000);
    }

    @Override
    public String toString() {
      return form + " " + m + "×" + n + "×" + k;
    }
  }

  private static Stream<Case> cases(Form form) {
    Random random = new Random(1);
    return Arrays.stream(SIZES)
        .peek(
            size ->
                assertThat((long) size[0] * size[1] * size[2])
                    .isGreaterThanOrEqualTo(OneDnnProduct.WORK))
        .map(size -> Case.of(form, size, random));
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void products_agree_with_double_arithmetic_on_the_rounded_operands(Form form) {
    cases(form)
        .forEach(
            some -> {
              for (Kernels kernels : sets) {
                for (int start = 0; start < 3; start++) {
                  float[] c = some.run(kernels, 1, start);
                  double worst = 0;
                  for (int row = 0; row < some.m; row += 7) {
                    for (int column = 0; column < some.n; column += 5) {
                      double expected = some.expected(row, column, start);
                      double difference = c[3 + row * some.ldc + column] - expected;
                      worst = Math.max(worst, Math.abs(difference));
                    }
                  }
                  assertThat(worst / Math.sqrt(some.k)).as("%s", some).isLessThan(1e-5);
                }
              }
            });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void the_bits_do_not_depend_on_threads_or_on_the_java_kernels(Form form) {
    cases(form)
        .forEach(
            some -> {
              float[] expected = some.run(sets.get(0), 1, 2);
              for (Kernels kernels : sets) {
                for (int threads = 1; threads <= 4; threads++) {
                  assertThat(some.run(kernels, threads, 2))
                      .as("%s, %d threads", some, threads)
                      .isEqualTo(expected);
                }
              }
            });
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void weights_with_a_copy_give_the_bits_of_those_without(Form form) {
    cases(form)
        .forEach(
            some -> {
              float[] expected = some.run(sets.get(0), 1, 2);
              for (Kernels kernels : sets) {
                for (int threads = 1; threads <= 3; threads++) {
                  assertThat(some.run(kernels, threads, 2, true))
                      .as("%s, %d threads", some, threads)
                      .isEqualTo(expected);
                }
              }
            });
  }

  /** A product whose weights have a copy from one on, of zeros: nothing was rounded. */
  private float[] withZeros(Case some, int from) {
    Kernels kernels = sets.get(0);
    float[] out = some.c.clone();
    try (Parallel parallel = Parallel.ofThreads(1)) {
      TeamProduct product = new TeamProduct(kernels.product(), parallel);
      product.rounded(kernels.product().rounded(some.b, from, 1));
      some.describe(product.shape(some.form, some.m, some.n, some.k), out, 2);
      product.run();
      product.close();
    }
    return out;
  }

  @Test
  void a_copy_is_read_in_place_of_the_weights() {
    Case some = Case.of(Form.A_B, new int[] {96, 1000, 128}, new Random(3));
    assertThat(withZeros(some, 2)).isEqualTo(some.c);
  }

  @Test
  void what_lies_before_the_first_weight_with_a_copy_is_read_itself() {
    Case some = Case.of(Form.A_B, new int[] {96, 1000, 128}, new Random(3));
    assertThat(withZeros(some, 3)).isEqualTo(some.run(sets.get(0), 1, 2)).isNotEqualTo(some.c);
  }

  @ParameterizedTest
  @EnumSource(Form.class)
  void without_bf16_the_java_kernels_compute_them(Form form) {
    Case some = Case.of(form, SIZES[0], new Random(2));
    Kernels java = KernelSets.all().get(0);
    for (Kernels kernels : KernelSets.oneDnn()) {
      assertThat(kernels.product().rounded(some.b, 0, 1)).isNull();
      assertThat(some.run(kernels, 2, 1)).isEqualTo(some.run(java, 2, 1));
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

@Tag("once") // on all sets of kernels at once
class ProductTest {

  /**
   * A product with odd offsets and leading dimensions, and room around it that must stay as it is.
   */
  private static final class Case {
    final Form form;
    final int m;
    final int n;
    final int k;
    final int lda;
    final int ldb;
    final int ldc;
    final int aAt = 3;
    final int bAt = 5;
    final int cAt = 7;
    final float[] a;
    final float[] b;
    final float[] c;
    final float[] bias;

    Case(Form form, int m, int n, int k, Random random) {
      this.form = form;
      this.m = m;
      this.n = n;
      this.k = k;
      lda = (form == Form.AT_B ? m : k) + random.nextInt(4);
      ldb = (form == Form.A_BT ? k : n) + random.nextInt(4);
      ldc = n + random.nextInt(4);
      a = KernelSets.random(aAt + (form == Form.AT_B ? k : m) * lda, random);
      b = KernelSets.random(bAt + (form == Form.A_BT ? n : k) * ldb, random);
      c = KernelSets.random(cAt + m * ldc + 9, random);
      bias = KernelSets.random(n + 2, random);
    }

    float a(int i, int j) {
      return form == Form.AT_B ? a[aAt + j * lda + i] : a[aAt + i * lda + j];
    }

    float b(int j, int l) {
      return form == Form.A_BT ? b[bAt + l * ldb + j] : b[bAt + j * ldb + l];
    }

    float[] run(Kernels kernels, int start) {
      return rows(kernels, start, 0, m, 0, n);
    }

    /** start: 0 for zeros, 1 for a bias, 2 for what is in C. */
    float[] rows(Kernels kernels, int start, int row, int rows, int column, int columns) {
      float[] out = c.clone();
      int at = cAt + row * ldc + column;
      Product product =
          new Product()
              .shape(form, rows, columns, k)
              .left(a, aAt + (form == Form.AT_B ? row : row * lda), lda)
              .right(b, bAt + (form == Form.A_BT ? column * ldb : column), ldb)
              .into(out, at, ldc);
      kernels.product().product(start(product, start, out, at, column));
      return out;
    }

    float[] tall(int start, float[] scratch) {
      float[] out = c.clone();
      Arrays.fill(scratch, Float.NaN);
      Product product =
          new Product(scratch)
              .shape(form, m, n, k)
              .left(a, aAt, lda)
              .right(b, bAt, ldb)
              .into(out, cAt, ldc);
      VectorTallProduct.product(start(product, start, out, cAt, 0));
      return out;
    }

    private Product start(Product product, int start, float[] out, int at, int column) {
      return switch (start) {
        case 0 -> product;
        case 1 -> product.start(bias, 2 + column, 0);
        default -> product.addTo(out, at, ldc);
      };
    }

    float[] together(TeamProduct product, int start) {
      float[] out = c.clone();
      Product whole =
          product.shape(form, m, n, k).left(a, aAt, lda).right(b, bAt, ldb).into(out, cAt, ldc);
      start(whole, start, out, cAt, 0);
      product.run();
      return out;
    }

    float[] expected(int start) {
      float[] out = c.clone();
      for (int i = 0; i < m; i++) {
        for (int l = 0; l < n; l++) {
          int at = cAt + i * ldc + l;
          float sum = start == 0 ? 0f : start == 1 ? bias[2 + l] : c[at];
          for (int j = 0; j < k; j++) {
            sum = Math.fma(a(i, j), b(j, l), sum);
          }
          out[at] = sum;
        }
      }
      return out;
    }

    double[] inDouble() {
      double[] out = new double[m * n];
      for (int i = 0; i < m; i++) {
        for (int l = 0; l < n; l++) {
          for (int j = 0; j < k; j++) {
            out[i * n + l] += (double) a(i, j) * b(j, l);
          }
        }
      }
      return out;
    }

    @Override
    public String toString() {
      return form + " " + m + "×" + n + "×" + k;
    }
  }

  private static Case some(Random random) {
    Form form = List.of(Form.values()).get(random.nextInt(3));
    int k = random.nextInt(4) == 0 ? 150 + random.nextInt(300) : random.nextInt(71);
    return new Case(form, 1 + random.nextInt(70), 1 + random.nextInt(70), k, random);
  }

  @Test
  void with_packed_rows_the_bits_are_the_same_on_any_processor() {
    Assumptions.assumeTrue(Kernels.best().name().contains("512 bits") && VectorTallProduct.FIT);
    Random random = new Random(4);
    float[] scratch = new float[Product.SCRATCH];
    for (int round = 0; round < 200; round++) {
      Case some = some(random);
      for (int start = 0; start < 3; start++) {
        assertThat(some.tall(start, scratch))
            .as("%s, start %d", some, start)
            .isEqualTo(some.expected(start));
      }
    }
    for (Form form : Form.values()) {
      Case large = new Case(form, 61, 1100, 530, random);
      assertThat(large.tall(2, scratch)).as("%s", large).isEqualTo(large.expected(2));
      // more rows than are packed at a time
      for (Case tall :
          List.of(
              new Case(form, 519, 601, 270, random),
              new Case(form, 1050, 530, 10, random),
              new Case(form, 530, 65, 300, random))) {
        for (int start = 0; start < 3; start++) {
          assertThat(tall.tall(start, scratch)).as("%s", tall).isEqualTo(tall.expected(start));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void each_element_is_one_chain_of_multiply_adds_over_ascending_k(Kernels kernels) {
    Random random = new Random(1);
    for (int round = 0; round < 300; round++) {
      Case some = some(random);
      for (int start = 0; start < 3; start++) {
        assertThat(some.run(kernels, start)).as("%s", some).isEqualTo(some.expected(start));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void products_agree_with_double_arithmetic(Kernels kernels) {
    Random random = new Random(2);
    for (int round = 0; round < 50; round++) {
      Case some = some(random);
      float[] c = some.run(kernels, 0);
      double[] expected = some.inDouble();
      double tolerance = 1e-5 * (1 + some.k);
      for (int i = 0; i < some.m; i++) {
        for (int l = 0; l < some.n; l++) {
          double difference = Math.abs(c[some.cAt + i * some.ldc + l] - expected[i * some.n + l]);
          assertThat(difference).as("%s", some).isLessThan(tolerance);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_row_does_not_depend_on_the_rows_and_columns_beside_it(Kernels kernels) {
    Random random = new Random(3);
    for (Form form : Form.values()) {
      for (int n : new int[] {5, 32, 65, 130}) {
        Case some = new Case(form, 64, n, 200, random);
        float[] all = some.run(kernels, 1);
        for (int row : new int[] {0, 1, 12, 35, 63}) {
          float[] alone = some.rows(kernels, 1, row, 1, 0, n);
          int at = some.cAt + row * some.ldc;
          assertThat(Arrays.copyOfRange(alone, at, at + n))
              .isEqualTo(Arrays.copyOfRange(all, at, at + n));
        }
        int half = n / 2;
        float[] right = some.rows(kernels, 1, 7, 30, half, n - half);
        for (int row = 7; row < 37; row++) {
          int at = some.cAt + row * some.ldc;
          assertThat(Arrays.copyOfRange(right, at + half, at + n))
              .isEqualTo(Arrays.copyOfRange(all, at + half, at + n));
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_product_of_no_terms_is_its_start(Kernels kernels) {
    Random random = new Random(4);
    for (Form form : Form.values()) {
      Case some = new Case(form, 9, 33, 0, random);
      for (int start = 0; start < 3; start++) {
        assertThat(some.run(kernels, start)).isEqualTo(some.expected(start));
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_team_computes_the_same_bits(Kernels kernels) {
    Random random = new Random(6);
    for (int threads = 1; threads <= 3; threads++) {
      try (Parallel parallel = Parallel.ofThreads(threads)) {
        TeamProduct product = new TeamProduct(kernels.product(), parallel);
        for (int round = 0; round < 300; round++) {
          Case some = some(random);
          for (int start = 0; start < 3; start++) {
            assertThat(some.together(product, start))
                .as("%s, %d threads", some, threads)
                .isEqualTo(some.expected(start));
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_team_computes_the_same_bits_of_products_that_go_in_parts(Kernels kernels) {
    Random random = new Random(7);
    int[][] sizes = {{500, 300, 800}, {40, 33, 40_000}, {5000, 40, 400}, {33, 2000, 33}};
    for (int[] size : sizes) {
      for (Form form : Form.values()) {
        Case some = new Case(form, size[0], size[1], size[2], random);
        int start = random.nextInt(3);
        float[] expected = some.expected(start);
        for (int threads : new int[] {1, 2, 4, 6}) {
          try (Parallel parallel = Parallel.ofThreads(threads)) {
            assertThat(some.together(new TeamProduct(kernels.product(), parallel), start))
                .as("%s, %d threads", some, threads)
                .isEqualTo(expected);
          }
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void a_team_refuses_a_product_within_its_own_work(Kernels kernels) {
    try (Parallel parallel = Parallel.ofThreads(2)) {
      TeamProduct product = new TeamProduct(kernels.product(), parallel);
      float[] x = new float[64 * 64];
      assertThatThrownBy(
              () ->
                  parallel.run(
                      1,
                      (i, slot) -> {
                        product.shape(Form.A_B, 64, 64, 64).left(x, 0, 64).right(x, 0, 64);
                        product.run();
                      }))
          .isInstanceOf(IllegalStateException.class);
    }
  }

  @Test
  void nan_left_in_scratch_does_not_reach_the_result() {
    Random random = new Random(5);
    for (Kernels kernels : KernelSets.all()) {
      Case some = new Case(Form.A_BT, 3, 5, 7, random);
      float[] scratch = new float[Product.SCRATCH];
      Arrays.fill(scratch, Float.NaN);
      float[] c = new float[15];
      kernels
          .product()
          .product(
              new Product(scratch)
                  .shape(some.form, 3, 5, 7)
                  .left(some.a, some.aAt, some.lda)
                  .right(some.b, some.bAt, some.ldb)
                  .into(c, 0, 5));
      for (float value : c) {
        assertThat(value).isFinite();
      }
    }
  }
}

package io.fundamentallm.runtime.cpu.kernels.attention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.norm.Normalization;
import io.fundamentallm.runtime.cpu.kernels.product.Int4Weights;
import io.fundamentallm.runtime.cpu.kernels.product.Int8Weights;
import io.fundamentallm.runtime.cpu.kernels.product.PackedProduct;
import io.fundamentallm.runtime.cpu.kernels.product.PackedWeights;
import io.fundamentallm.runtime.cpu.kernels.product.Product;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Scores, mixtures of values, RMSNorm, rotation and probabilities. */
@Tag("once") // on all sets of kernels at once
class AttentionKernelsTest {
  private static final int AT = 3;

  private static final int[] ROWS = {0, 1, 2, 3, 4, 5, 8, 12, 13, 24, 31};
  private static final int PANEL = PackedWeights.PANEL;

  private static float[][] blocks(int count, int length, Random random) {
    float[][] blocks = new float[count][];
    for (int i = 0; i < count; i++) {
      blocks[i] = KernelSets.random(AT + length, random);
    }
    return blocks;
  }

  private static BlockProduct product() {
    float[] scratch = new float[Product.SCRATCH];
    Arrays.fill(scratch, Float.NaN);
    return new BlockProduct(new Product(scratch));
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void scores_are_one_chain_of_multiply_adds_over_the_channels(Kernels kernels) {
    Random random = new Random(1);
    for (int m : ROWS) {
      for (int d : new int[] {1, 8, 48, 64}) {
        for (int blocks = 0; blocks <= 6; blocks++) {
          int ldq = d + 2;
          int lds = blocks * PANEL + 5;
          float[] q = KernelSets.random(AT + m * ldq, random);
          float[][] keys = blocks(blocks, d * PANEL, random);
          float[] s = KernelSets.random(AT + m * lds, random);
          float[] expected = s.clone();
          for (int i = 0; i < m; i++) {
            for (int l = 0; l < blocks * PANEL; l++) {
              float sum = 0;
              for (int j = 0; j < d; j++) {
                float key = keys[l / PANEL][AT + j * PANEL + l % PANEL];
                sum = Math.fma(q[AT + i * ldq + j], key, sum);
              }
              expected[AT + i * lds + l] = sum;
            }
          }
          BlockProduct product =
              product().shape(m, blocks * PANEL, d).left(q, AT, ldq).blocks(keys, AT);
          kernels.attention().scores(product.into(s, AT, lds));
          assertThat(s).as("%d rows, %d channels, %d blocks", m, d, blocks).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void values_are_mixed_in_one_chain_of_multiply_adds_over_their_positions(Kernels kernels) {
    Random random = new Random(5);
    for (int m : ROWS) {
      for (int n : new int[] {1, 8, 16, 24, 32, 40, 48, 64, 80, 96, 128}) {
        for (int k : new int[] {0, 1, 31, 32, 33, 70, 128}) {
          int padded = PackedWeights.padded(n);
          int ldp = k + 3;
          int ldc = padded + 4;
          float[] p = KernelSets.random(AT + m * ldp, random);
          float[][] values = blocks((k + PANEL - 1) / PANEL, PANEL * padded, random);
          float[] c = KernelSets.random(AT + m * ldc, random);
          float[] before = c.clone();
          BlockProduct product = product().shape(m, n, k).left(p, AT, ldp).blocks(values, AT);
          kernels.attention().output(product.into(c, AT, ldc));
          float[] expected = before.clone();
          for (int i = 0; i < m; i++) {
            int row = AT + i * ldc;
            for (int l = 0; l < n; l++) {
              float sum = before[row + l];
              for (int j = 0; j < k; j++) {
                int at = AT + l / PANEL * PANEL * PANEL + j % PANEL * PANEL + l % PANEL;
                sum = Math.fma(p[AT + i * ldp + j], values[j / PANEL][at], sum);
              }
              expected[row + l] = sum;
            }
            System.arraycopy(c, row + n, expected, row + n, padded - n); // which mean nothing
          }
          assertThat(c).as("%d rows, %d columns, %d values", m, n, k).isEqualTo(expected);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void rms_norm_agrees_with_double_arithmetic(Kernels kernels) {
    Random random = new Random(2);
    for (int n = 1; n <= 70; n++) {
      int ld = n + 2;
      float[] x = KernelSets.random(AT + 2 * ld, random);
      float[] gamma = KernelSets.random(AT + n, random);
      float[] y = x.clone();
      Normalization norm = new Normalization(n, ld, 1e-5f, gamma, AT, null, 0);
      kernels.norm().forward(norm, 2, x, AT, y, AT);
      for (int row = 0; row < 2; row++) {
        double square = 0;
        for (int i = 0; i < n; i++) {
          square += Math.pow(x[AT + row * ld + i], 2) / n;
        }
        for (int i = 0; i < n; i++) {
          double expected = x[AT + row * ld + i] * gamma[AT + i] / Math.sqrt(square + 1e-5);
          assertThat((double) y[AT + row * ld + i])
              .isCloseTo(expected, within(2e-6 * (1 + Math.abs(expected))));
        }
        assertThat(y[AT + row * ld + n]).isEqualTo(x[AT + row * ld + n]);
      }
      float[] inPlace = x.clone();
      kernels.norm().forward(norm, 2, inPlace, AT, inPlace, AT);
      assertThat(inPlace).isEqualTo(y);
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void rotation_turns_pairs_half_a_head_apart(Kernels kernels) {
    Random random = new Random(3);
    for (int half = 1; half <= 40; half++) {
      float[] angles = KernelSets.random(half, random);
      float[] cosines = new float[2 + half];
      float[] sines = new float[2 + half];
      for (int i = 0; i < half; i++) {
        cosines[2 + i] = (float) Math.cos(angles[i]);
        sines[2 + i] = (float) Math.sin(angles[i]);
      }
      float[] x = KernelSets.random(AT + 2 * half + 1, random);
      float[] before = x.clone();
      kernels.attention().rotate(half, cosines, sines, 2, x, AT);
      for (int i = 0; i < half; i++) {
        double a = before[AT + i];
        double b = before[AT + half + i];
        double cosine = Math.cos(angles[i]);
        double sine = Math.sin(angles[i]);
        assertThat((double) x[AT + i]).isCloseTo(a * cosine - b * sine, within(1e-6));
        assertThat((double) x[AT + half + i]).isCloseTo(b * cosine + a * sine, within(1e-6));
      }
      assertThat(x[AT - 1]).isEqualTo(before[AT - 1]);
      assertThat(x[AT + 2 * half]).isEqualTo(before[AT + 2 * half]);
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void probabilities_are_those_of_softmax_and_hide_what_lies_around(Kernels kernels) {
    Random random = new Random(4);
    for (int valid = 1; valid <= 140; valid++) {
      for (int from : new int[] {0, 1, 16, 40}) {
        int to = from + valid;
        int n = (to + 15) / 16 * 16 + valid % 3 * 16;
        float[] x = KernelSets.random(AT + n + 1, random);
        Arrays.fill(x, AT, AT + from, Float.NaN);
        Arrays.fill(x, AT + to, AT + n, Float.NaN); // what another session left in a block
        float[] same = x.clone();
        float behind = x[AT + n];
        kernels.attention().probabilities(from, to, n, 0.3f, x, AT);
        kernels.attention().softmax(valid, valid, 0.3f, same, AT + from);
        double sum = 0;
        for (int i = 0; i < n; i++) {
          boolean hidden = i < from || i >= to;
          assertThat(x[AT + i]).isCloseTo(hidden ? 0 : same[AT + i], within(1e-6f));
          assertThat(hidden && x[AT + i] != 0).isFalse();
          sum += x[AT + i];
        }
        assertThat(sum).isCloseTo(1, within(1e-5));
        assertThat(x[AT + n]).isEqualTo(behind);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void probabilities_of_what_is_no_number_are_none_and_still_hide_the_rest(Kernels kernels) {
    for (int place : new int[] {0, 1, 17, 39}) {
      float[] x = new float[48];
      x[place] = Float.NaN;
      kernels.attention().probabilities(0, 40, 48, 1f, x, 0);
      for (int i = 0; i < 48; i++) {
        assertThat(Float.isNaN(x[i])).isEqualTo(i < 40);
        assertThat(i < 40 || x[i] == 0).isTrue();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void what_is_far_below_the_largest_has_no_probability(Kernels kernels) {
    float[] x = new float[32];
    Arrays.fill(x, Float.NEGATIVE_INFINITY);
    x[3] = 1e30f;
    x[4] = -1e30f;
    x[5] = 1e30f;
    kernels.attention().probabilities(1, 20, 32, 2f, x, 0);
    float[] expected = new float[32];
    expected[3] = 0.5f;
    expected[5] = 0.5f;
    assertThat(x).isEqualTo(expected);
    x[7] = -86.9f; // the least exponent that counts
    x[8] = -87.1f;
    x[3] = 0;
    x[5] = -100;
    kernels.attention().probabilities(3, 9, 32, 1f, x, 0);
    assertThat(x[7]).isPositive();
    assertThat(x[8]).isZero();
    assertThat(x[5]).isZero();
  }

  private static PackedWeights weights(String format, int columns) {
    return format.equals("int8") ? new Int8Weights(1, columns) : new Int4Weights(1, columns);
  }

  private static List<float[]> everything(Kernels kernels, int n) {
    Random random = new Random(n);
    float[] x = KernelSets.random(2 * n + 8, random);
    float[] gamma = KernelSets.random(n, random);
    List<float[]> results = new ArrayList<>();
    float[] y = new float[2 * n + 8];
    Normalization norm = new Normalization(n, n + 1, 1e-6f, gamma, 0, null, 0);
    kernels.norm().forward(norm, 2, x, 1, y, 2);
    results.add(y);
    float[] turned = x.clone();
    kernels.attention().rotate(n, gamma, KernelSets.random(n, random), 0, turned, 1);
    results.add(turned);
    int whole = (n + 15) / 16 * 16 + 16;
    float[] p = KernelSets.random(2 + whole, random);
    for (int i = 0; i < p.length; i++) {
      p[i] *= 30; // some of their exponentials are less than the least normal number
    }
    kernels.attention().probabilities(n / 3, n, whole, 1.7f, p, 2);
    results.add(p);
    int blocks = (n + 31) / 32;
    float[] padded = Arrays.copyOf(x, 32 * blocks);
    Arrays.fill(padded, n, padded.length, 0f);
    for (String format : List.of("int8", "int4")) {
      float[] quantized = new float[6 * PackedProduct.preparedSize(n)];
      PackedProduct product = new PackedProduct(new Product()).weights(weights(format, n), 7);
      kernels.product().prepareRows(product.inputs(padded, padded.length, quantized).rows(0, 1));
      float[] bits = new float[quantized.length];
      for (int i = 0; i < bits.length; i++) {
        bits[i] = Float.floatToRawIntBits(quantized[i]) >> 8;
      }
      results.add(bits);
    }
    int columns = Math.min(32, n);
    float[] block = KernelSets.random(columns * PackedWeights.PANEL, random);
    float[] scales = new float[2 * PackedWeights.PANEL];
    float[] minima = new float[2 * PackedWeights.PANEL];
    kernels.product().quantize(columns, block, scales, minima);
    results.add(Arrays.copyOf(scales, PackedWeights.PANEL));
    results.add(Arrays.copyOf(minima, PackedWeights.PANEL));
    return results;
  }

  @Test
  void all_kernels_give_the_same_bits() {
    List<Kernels> sets = KernelSets.all();
    for (int n = 1; n <= 140; n++) {
      List<float[]> expected = everything(sets.get(0), n);
      for (Kernels kernels : sets) {
        List<float[]> actual = everything(kernels, n);
        for (int i = 0; i < expected.size(); i++) {
          assertThat(actual.get(i)).as("result %d of %d", i, n).isEqualTo(expected.get(i));
        }
      }
    }
  }
}

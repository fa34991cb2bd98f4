package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Small products, RMSNorm, rotation and probabilities. */
class AttentionKernelsTest {
  private static final int AT = 3;

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void small_products_are_one_chain_of_multiply_adds_over_ascending_k(Kernels kernels) {
    Random random = new Random(1);
    for (int m : new int[] {0, 1, 2, 3, 4, 5, 12, 13, 25, 36}) {
      for (int n : new int[] {32, 64, 96}) {
        for (int k : new int[] {0, 1, 5, 32, 33, 80}) {
          int lda = k + 2;
          int ldb = n + 4;
          int ldc = n + 1;
          float[] a = KernelSets.random(AT + m * lda, random);
          float[] b = KernelSets.random(AT + k * ldb, random);
          float[] c = KernelSets.random(AT + m * ldc, random);
          float[] expected = c.clone();
          for (int i = 0; i < m; i++) {
            for (int l = 0; l < n; l++) {
              float sum = c[AT + i * ldc + l];
              for (int j = 0; j < k; j++) {
                sum = Math.fma(a[AT + i * lda + j], b[AT + j * ldb + l], sum);
              }
              expected[AT + i * ldc + l] = sum;
            }
          }
          float[] scratch = new float[Kernels.SCRATCH];
          Arrays.fill(scratch, Float.NaN);
          kernels.addProduct(m, n, k, a, AT, lda, b, AT, ldb, c, AT, ldc, scratch);
          assertThat(c).as("%d×%d×%d", m, n, k).isEqualTo(expected);
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
      kernels.rmsNorm(2, n, 1e-5f, x, AT, ld, gamma, AT, y, AT, ld);
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
      kernels.rmsNorm(2, n, 1e-5f, inPlace, AT, ld, gamma, AT, inPlace, AT, ld);
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
      kernels.rotate(half, cosines, sines, 2, x, AT);
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
  void probabilities_are_those_of_softmax_and_hide_what_lies_beyond(Kernels kernels) {
    Random random = new Random(4);
    for (int valid = 1; valid <= 140; valid++) {
      int n = valid + 5;
      float[] x = KernelSets.random(AT + n, random);
      Arrays.fill(x, AT + valid, AT + n, Float.NaN); // what another session left in a block
      float[] same = x.clone();
      kernels.probabilities(valid, n, 0.3f, x, AT);
      kernels.softmax(valid, n, 0.3f, same, AT);
      assertThat(x).isEqualTo(same);
      double sum = 0;
      for (int i = 0; i < n; i++) {
        sum += x[AT + i];
        assertThat(i < valid || x[AT + i] == 0).isTrue();
      }
      assertThat(sum).isCloseTo(1, within(1e-5));
    }
  }

  private static List<float[]> everything(Kernels kernels, int n) {
    Random random = new Random(n);
    float[] x = KernelSets.random(2 * n + 8, random);
    float[] gamma = KernelSets.random(n, random);
    List<float[]> results = new ArrayList<>();
    float[] y = new float[2 * n + 8];
    kernels.rmsNorm(2, n, 1e-6f, x, 1, n + 1, gamma, 0, y, 2, n + 2);
    results.add(y);
    float[] turned = x.clone();
    kernels.rotate(n, gamma, KernelSets.random(n, random), 0, turned, 1);
    results.add(turned);
    float[] p = x.clone();
    kernels.probabilities(n, n + 3, 1.7f, p, 2);
    results.add(p);
    int blocks = (n + 31) / 32;
    float[] padded = Arrays.copyOf(x, 32 * blocks);
    Arrays.fill(padded, n, padded.length, 0f);
    float[] sums = new float[Kernels.blockSumsSize(n)];
    kernels.blockSums(1, n, padded, 0, padded.length, sums, 0);
    results.add(sums);
    int columns = Math.min(32, n);
    float[] block = KernelSets.random(columns * PackedWeights.PANEL, random);
    float[] scales = new float[2 * PackedWeights.PANEL];
    float[] minima = new float[2 * PackedWeights.PANEL];
    kernels.quantize(columns, block, scales, minima);
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

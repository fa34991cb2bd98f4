package io.fundamentallm.runtime.cpu.kernels.math;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import java.math.BigDecimal;
import java.util.Random;
import org.junit.jupiter.api.Test;

class HalfTest {

  private static boolean finite(int bits) {
    return (bits & 0x7C00) != 0x7C00;
  }

  /** By the definition of IEEE 754's binary16. */
  private static float value(int bits) {
    int exponent = bits >>> 10 & 31;
    int fraction = bits & 0x3FF;
    float magnitude =
        exponent == 0
            ? Math.scalb((float) fraction, -24)
            : Math.scalb((float) (1024 + fraction), exponent - 25);
    return (bits & 0x8000) == 0 ? magnitude : -magnitude;
  }

  @Test
  void every_finite_half_is_the_float_it_stands_for_and_comes_back() {
    for (int bits = 0; bits < 0x10000; bits++) {
      if (finite(bits)) {
        float x = Half.toFloat((short) bits);
        assertThat(Float.floatToRawIntBits(x)).isEqualTo(Float.floatToRawIntBits(value(bits)));
        assertThat(Half.fromFloat(x) & 0xFFFF).as("%04x", bits).isEqualTo(bits);
      }
    }
  }

  @Test
  void a_float_between_two_halves_becomes_the_nearer_one_and_of_two_equally_near_the_even_one() {
    for (int bits = 0; bits < 0x7BFF; bits++) {
      float tie = (value(bits) + value(bits + 1)) / 2; // exact
      assertThat(Half.fromFloat(Math.nextDown(tie)) & 0xFFFF).as("below %s", tie).isEqualTo(bits);
      assertThat(Half.fromFloat(Math.nextUp(tie)) & 0xFFFF).as("above %s", tie).isEqualTo(bits + 1);
      int even = bits % 2 == 0 ? bits : bits + 1;
      assertThat(Half.fromFloat(tie) & 0xFFFF).as("%s", tie).isEqualTo(even);
      assertThat(Half.fromFloat(-tie) & 0xFFFF).as("-%s", tie).isEqualTo(even | 0x8000);
    }
  }

  @Test
  void no_float_is_further_from_its_half_than_from_the_neighbours() {
    Random random = new Random(1);
    for (int i = 0; i < 20_000; i++) {
      float x = (float) (random.nextGaussian() * Math.scalb(1.0, random.nextInt(44) - 29));
      int half = Half.fromFloat(x) & 0xFFFF;
      BigDecimal own = distance(x, half);
      for (int other : new int[] {half - 1, half + 1}) {
        if (other >= 0 && other < 0x10000 && finite(other) && (other & 0x8000) == (half & 0x8000)) {
          assertThat(own).isLessThanOrEqualTo(distance(x, other));
        }
      }
    }
  }

  private static BigDecimal distance(float x, int half) {
    return new BigDecimal(x).subtract(new BigDecimal(value(half))).abs();
  }

  @Test
  void what_is_too_large_becomes_the_largest_and_nan_zero() {
    for (float x : new float[] {65504f, 65519f, 65520f, 1e10f, Float.POSITIVE_INFINITY}) {
      assertThat(Half.toFloat(Half.fromFloat(x))).isEqualTo(65504f);
      assertThat(Half.toFloat(Half.fromFloat(-x))).isEqualTo(-65504f);
    }
    assertThat(Half.fromFloat(Float.NaN)).isZero();
  }

  @Test
  void every_kernel_set_widens_every_finite_half_to_its_float() {
    short[] halves = new short[0x10000];
    int n = 0;
    for (int bits = 0; bits < 0x10000; bits++) {
      if (finite(bits)) {
        halves[1 + n++] = (short) bits;
      }
    }
    for (Kernels kernels : KernelSets.all()) {
      float[] x = new float[2 + n];
      kernels.attention().dequantize(n - 3, halves, 1, x, 2);
      for (int i = 0; i < n - 3; i++) {
        assertThat(Float.floatToRawIntBits(x[2 + i]))
            .isEqualTo(Float.floatToRawIntBits(value(halves[1 + i] & 0xFFFF)));
      }
      assertThat(x[0]).isZero();
      assertThat(x[n - 1]).isZero();
    }
  }

  @Test
  void every_kernel_set_scales_bytes_by_the_position_of_their_column_or_row() {
    Random random = new Random(2);
    for (Kernels kernels : KernelSets.all()) {
      for (int n : new int[] {1, 7, 32, 40, 6 * 32}) {
        byte[] q = new byte[n + 1];
        random.nextBytes(q);
        float[] scales = KernelSets.random(2 + 32, random);
        float[] keys = new float[n + 3];
        kernels.attention().dequantizeKeys(n, q, 1, scales, 2, keys, 3);
        float[] values = new float[n + 3];
        kernels.attention().dequantizeValues(n, q, 1, scales, 2, values, 3);
        for (int i = 0; i < n; i++) {
          assertThat(keys[3 + i]).isEqualTo(q[1 + i] * scales[2 + i % 32]);
          assertThat(values[3 + i]).isEqualTo(q[1 + i] * scales[2 + i / 32]);
        }
        assertThat(keys[2]).isZero();
        assertThat(values[2]).isZero();
      }
    }
  }
}

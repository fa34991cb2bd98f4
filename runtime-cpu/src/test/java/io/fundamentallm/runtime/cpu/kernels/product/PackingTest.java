package io.fundamentallm.runtime.cpu.kernels.product;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.runtime.cpu.kernels.KernelSets;
import io.fundamentallm.runtime.cpu.kernels.Kernels;
import io.fundamentallm.runtime.cpu.kernels.math.Half;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What packed weights hold of the floats that they were filled with. */
@Tag("once") // on all sets of kernels at once
class PackingTest {

  private static float[] held(PackedWeights weights) {
    float[] all = new float[weights.rows() * weights.columns()];
    for (int row = 0; row < weights.rows(); row++) {
      weights.row(row, all, row * weights.columns());
    }
    return all;
  }

  private static float[] held(String format, Kernels kernels, int columns, float[] values) {
    PackedWeights weights = LinearCase.empty(format, values.length / columns, columns);
    LinearCase.fill(weights, kernels, values);
    return held(weights);
  }

  private static float largest(float[] values, int from, int to) {
    float largest = 0;
    for (int i = from; i < to; i++) {
      largest = Math.max(largest, Math.abs(values[i]));
    }
    return largest;
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 32, 33, 172, 385})
  void floats_are_held_as_they_are(int columns) {
    float[] values = KernelSets.random(100 * columns, new Random(1));
    assertThat(held("f32", KernelSets.all().get(0), columns, values)).isEqualTo(values);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 5, 32, 33, 172, 385})
  void eight_bits_are_within_half_a_step_of_each_block(int columns) {
    float[] values = KernelSets.random(100 * columns, new Random(2));
    float[] held = held("int8", KernelSets.all().get(0), columns, values);
    for (int row = 0; row < 100; row++) {
      for (int from = 0; from < columns; from += PackedWeights.BLOCK) {
        int begin = row * columns + from;
        int end = row * columns + Math.min(columns, from + PackedWeights.BLOCK);
        float half = largest(values, begin, end) / 254 * 1.0001f;
        for (int i = begin; i < end; i++) {
          assertThat(Math.abs(held[i] - values[i])).isLessThanOrEqualTo(half);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void four_bits_keep_normal_weights_within_seven_and_a_half_percent(Kernels kernels) {
    float[] values = KernelSets.random(64 * 800, new Random(3));
    float[] held = held("int4", kernels, 800, values);
    double errors = 0;
    double squares = 0;
    for (int i = 0; i < values.length; i++) {
      errors += Math.pow(held[i] - values[i], 2);
      squares += Math.pow(values[i], 2);
    }
    assertThat(Math.sqrt(errors / squares)).isLessThan(0.075);
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void blocks_of_one_value_keep_it(Kernels kernels) {
    for (float value : new float[] {0.7f, -0.7f, 1e15f, -1e15f, 1e-15f, -1e-15f, 3e37f, -3e30f}) {
      float[] values = new float[40 * 37];
      Arrays.fill(values, value);
      for (float held : held("int8", kernels, 37, values)) {
        assertThat(Math.abs(held - value)).isLessThanOrEqualTo(Math.abs(value) * 1e-6f);
      }
      for (float held : held("int4", kernels, 37, values)) {
        // nine bits of a scale or minimum
        assertThat(Math.abs(held - value)).as("%s", value).isLessThan(Math.abs(value) / 256);
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void blocks_of_zeros_of_either_sign_are_zeros(Kernels kernels) {
    float[] values = new float[40 * 70];
    for (int i = 0; i < values.length; i += 3) {
      values[i] = -0f;
    }
    // ones beside them, whose scale must not stay behind
    Arrays.fill(values, 0, 32, 1f);
    for (String format : List.of("int8", "int4")) {
      float[] held = held(format, kernels, 70, values);
      for (int i = 32; i < held.length; i++) {
        assertThat(Math.abs(held[i])).isZero();
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void four_bits_hold_blocks_of_one_sign(Kernels kernels) {
    Random random = new Random(4);
    for (int sign = -1; sign <= 1; sign += 2) {
      float[] values = KernelSets.random(32 * 64, random);
      for (int i = 0; i < values.length; i++) {
        values[i] = sign * (0.1f + Math.abs(values[i]));
      }
      float[] held = held("int4", kernels, 64, values);
      for (int row = 0; row < 64; row++) {
        float max = largest(values, row * 32, row * 32 + 32);
        for (int i = row * 32; i < row * 32 + 32; i++) {
          // drawing an end in to 0.7 of it costs the value at that end the rest
          assertThat(Math.abs(held[i] - values[i])).isLessThan(0.3f * max);
        }
      }
    }
  }

  @ParameterizedTest
  @ValueSource(floats = {1e-30f, 1e-20f, 1e-3f, 1e3f, 1e15f, 1e25f, 1e32f})
  void any_magnitude_is_held_about_as_well(float magnitude) {
    float[] values = KernelSets.random(64 * 64, new Random(5));
    for (int i = 0; i < values.length; i++) {
      values[i] *= magnitude;
    }
    for (Kernels kernels : KernelSets.all()) {
      for (String format : List.of("int8", "int4")) {
        float[] held = held(format, kernels, 64, values);
        double errors = 0;
        double squares = 0;
        for (int i = 0; i < values.length; i++) {
          errors += Math.pow((double) held[i] - values[i], 2);
          squares += Math.pow(values[i], 2);
        }
        assertThat(Math.sqrt(errors / squares)).as(format).isLessThan(0.12);
      }
    }
  }

  @Test
  void the_smallest_floats_do_not_change_sign() {
    float[] values = new float[32 * 32];
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 251 * Float.MIN_VALUE;
    }
    for (String format : List.of("int8", "int4")) {
      for (float held : held(format, KernelSets.all().get(0), 32, values)) {
        assertThat(held).as(format).isBetween(-0f, 1000 * Float.MIN_VALUE);
      }
    }
  }

  @Test
  void all_kernels_pack_the_same_bits() {
    List<Kernels> sets = KernelSets.all();
    for (int columns : new int[] {1, 5, 31, 32, 33, 172}) {
      for (float magnitude : new float[] {1e-40f, 1e-20f, 1f, 1e25f, 1e37f}) {
        float[] values = KernelSets.random(70 * columns, new Random(6));
        for (int i = 0; i < values.length; i++) {
          values[i] *= i % 7 == 0 ? 0f : magnitude;
        }
        Int4Weights expected = new Int4Weights(70, columns);
        LinearCase.fill(expected, sets.get(0), values);
        for (Kernels kernels : sets) {
          Int4Weights weights = new Int4Weights(70, columns);
          LinearCase.fill(weights, kernels, values);
          assertThat(weights.words).as("%s", magnitude).isEqualTo(expected.words);
        }
      }
    }
  }

  @Test
  void rows_of_a_file_s_own_blocks_of_eight_bits_are_held_exactly() {
    Random random = new Random(7);
    Int8Weights weights = new Int8Weights(70, 96);
    float[] into = new float[96];
    for (int row = 0; row < 70; row++) {
      byte[] q = new byte[96];
      random.nextBytes(q);
      float[] scales = {half(random), half(random), -half(random)};
      weights.fillRow(row, q, scales);
      weights.row(row, into, 0);
      for (int i = 0; i < into.length; i++) {
        assertThat(into[i]).isEqualTo(q[i] * scales[i / 32]);
      }
    }
  }

  /** Q4_0 subtracts eight steps. */
  @Test
  void rows_of_a_file_s_own_blocks_of_four_bits_are_held_exactly() {
    Random random = new Random(8);
    Int4Weights weights = new Int4Weights(70, 96);
    float[] into = new float[96];
    for (int row = 0; row < 70; row++) {
      byte[] q = fourBits(random, 96);
      float[] scales = {half(random), -half(random), row % 2 * -0x1p-24f};
      weights.fillRow(row, q, scales, new float[] {8 * scales[0], 8 * scales[1], 8 * scales[2]});
      weights.row(row, into, 0);
      for (int i = 0; i < into.length; i++) {
        assertThat(into[i]).isEqualTo((q[i] - 8) * scales[i / 32]);
      }
    }
  }

  @Test
  void any_minimum_of_a_block_of_four_bits_is_held_to_a_part_of_its_step() {
    Random random = new Random(9);
    Int4Weights weights = new Int4Weights(70, 96);
    float[] into = new float[96];
    for (int round = 0; round < 50; round++) {
      for (int row = 0; row < 70; row++) {
        byte[] q = fourBits(random, 96);
        float[] scales = {half(random), -half(random), half(random)};
        float[] minima = new float[3];
        for (int block = 0; block < 3; block++) {
          minima[block] = scales[block] * (random.nextFloat() - 0.5f) * 230;
        }
        weights.fillRow(row, q, scales, minima);
        weights.row(row, into, 0);
        for (int i = 0; i < into.length; i++) {
          double expected = (double) scales[i / 32] * q[i] - minima[i / 32];
          double max = Math.abs(scales[i / 32]) / 127;
          assertThat(Math.abs(into[i] - expected)).isLessThanOrEqualTo(max);
        }
      }
    }
  }

  @Test
  void a_block_of_four_bits_far_from_zero_is_held_as_well_as_eight_bits_hold_it() {
    Random random = new Random(10);
    Int4Weights weights = new Int4Weights(32, 32);
    float[] into = new float[32];
    for (float scale : new float[] {0f, 1e-30f, -0.001f, 0.06f, -0.1f}) {
      for (float minimum : new float[] {-100f, 15.3f, -65504f, 3e30f}) {
        byte[] q = fourBits(random, 32);
        weights.fillRow(3, q, new float[] {scale}, new float[] {minimum});
        weights.row(3, into, 0);
        for (int i = 0; i < into.length; i++) {
          double expected = (double) scale * q[i] - minimum;
          double max = Math.abs(expected) / 245;
          assertThat(Math.abs(into[i] - expected)).as("%s", expected).isLessThanOrEqualTo(max);
        }
      }
    }
  }

  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void floats_up_to_the_largest_are_held(Kernels kernels) {
    float[] values = KernelSets.random(64 * 64, new Random(11));
    for (int i = 0; i < values.length; i++) {
      values[i] = i % 2 == 0 ? 3.3e38f : -3.3e38f;
    }
    for (String format : List.of("int8", "int4")) {
      float[] held = held(format, kernels, 64, values);
      for (int i = 0; i < held.length; i++) {
        assertThat(held[i] / values[i]).as(format).isBetween(0.9f, 1.1f);
      }
    }
  }

  /** As a product of the floats would be. */
  @ParameterizedTest
  @MethodSource("io.fundamentallm.runtime.cpu.kernels.KernelSets#all")
  void what_is_no_number_does_not_become_one(Kernels kernels) {
    for (float bad : new float[] {Float.NaN, Float.POSITIVE_INFINITY, Float.NEGATIVE_INFINITY}) {
      float[] values = KernelSets.random(32 * 64, new Random(12));
      values[5 * 64 + 40] = bad;
      for (String format : List.of("f32", "int8", "int4")) {
        float[] held = held(format, kernels, 64, values);
        for (int i = 0; i < held.length; i++) {
          boolean block = i / 32 == (5 * 64 + 40) / 32;
          if (i == 5 * 64 + 40 || !block) {
            assertThat(Float.isFinite(held[i])).as("%s in %s", bad, format).isEqualTo(!block);
          }
        }
      }
    }
    Int4Weights weights = new Int4Weights(1, 32);
    float[] into = new float[32];
    float[][] pairs = {
      {Float.NaN, 1}, {1, Float.NaN}, {Float.NEGATIVE_INFINITY, 1}, {1, Float.POSITIVE_INFINITY}
    };
    for (float[] pair : pairs) {
      weights.fillRow(0, new byte[32], new float[] {pair[0]}, new float[] {pair[1]});
      weights.row(0, into, 0);
      for (float held : into) {
        assertThat(held).isNaN();
      }
    }
  }

  private static byte[] fourBits(Random random, int columns) {
    byte[] q = new byte[columns];
    for (int i = 0; i < columns; i++) {
      q[i] = (byte) random.nextInt(16);
    }
    return q;
  }

  /** A positive number of 16 bits, as files hold scales. */
  private static float half(Random random) {
    return Half.toFloat((short) (1 + random.nextInt(0x7BFF)));
  }
}

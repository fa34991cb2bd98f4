package io.fundamentallm.runtime.cpu.kernels;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What packed weights hold of the floats that they were filled with. */
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
        float most = largest(values, row * 32, row * 32 + 32);
        for (int i = row * 32; i < row * 32 + 32; i++) {
          // drawing an end in to 0.7 of it costs the value at that end the rest
          assertThat(Math.abs(held[i] - values[i])).isLessThan(0.3f * most);
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
  void rows_of_a_file_s_own_blocks_are_held_exactly() {
    Random random = new Random(7);
    int columns = 96;
    Int8Weights bytes = new Int8Weights(70, columns);
    Int4Weights nibbles = new Int4Weights(70, columns);
    float[] into = new float[columns];
    for (int row = 0; row < 70; row++) {
      byte[] q = new byte[columns];
      byte[] four = new byte[columns];
      random.nextBytes(q);
      for (int i = 0; i < columns; i++) {
        four[i] = (byte) (q[i] & 15);
      }
      // few bits, as 16-bit floats in files mostly have
      float[] scales = {0.5f, 0.375f, 1.25f};
      float[] minima = {0f, 2.5f, 7.75f};
      bytes.fillRow(row, q, scales);
      nibbles.fillRow(row, four, scales, minima);
      bytes.row(row, into, 0);
      for (int i = 0; i < columns; i++) {
        assertThat(into[i]).isEqualTo(q[i] * scales[i / 32]);
      }
      nibbles.row(row, into, 0);
      for (int i = 0; i < columns; i++) {
        assertThat(into[i]).isEqualTo(four[i] * scales[i / 32] - minima[i / 32]);
      }
    }
  }
}

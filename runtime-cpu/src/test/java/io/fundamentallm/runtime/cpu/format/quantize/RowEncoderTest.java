package io.fundamentallm.runtime.cpu.format.quantize;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.tensor.GgufBlocks;
import io.fundamentallm.runtime.cpu.format.tensor.TensorType;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class RowEncoderTest {
  private static final int ROW = 256;
  private static final int ROWS = 100;

  /**
   * Mostly small numbers, a few large ones, a stretch without negative ones, a stretch of zeros.
   */
  private static float[] numbers() {
    Random random = new Random(7);
    float[] x = new float[ROW * ROWS];
    for (int i = 0; i < x.length; i++) {
      double size = 0.02 * (random.nextInt(50) == 0 ? 4 : 1);
      x[i] = (float) (size * random.nextGaussian());
    }
    for (int i = 0; i < 512; i++) {
      x[i] = Math.abs(x[i]);
    }
    Arrays.fill(x, 512, 600, 0);
    return x;
  }

  private static float[] importance() {
    Random random = new Random(8);
    float[] importance = new float[ROW];
    for (int i = 0; i < importance.length; i++) {
      importance[i] = (float) Math.exp(2 * random.nextGaussian());
    }
    return importance;
  }

  private static float[] decoded(TensorType type, float[] x, float[] importance) {
    byte[] bytes = new byte[RowEncoder.bytes(type, x.length)];
    for (int row = 0; row < x.length; row += ROW) {
      RowEncoder.encode(type, x, row, ROW, importance, bytes, RowEncoder.bytes(type, row));
    }
    float[] y = new float[x.length];
    for (int i = 0; i < x.length; i += type.blockElements()) {
      GgufBlocks.decode(type, bytes, RowEncoder.bytes(type, i), y, i);
    }
    return y;
  }

  private static double error(float[] x, float[] y, float[] importance) {
    double error = 0;
    double size = 0;
    for (int i = 0; i < x.length; i++) {
      double weight = importance == null ? 1 : importance[i % ROW];
      error += weight * Math.pow(x[i] - y[i], 2);
      size += weight * Math.pow(x[i], 2);
    }
    return Math.sqrt(error / size);
  }

  /**
   * The relative errors of llama.cpp's own quantiser on these numbers (quantize_q8_0 and so on, in
   * the libggml of node-llama-cpp 3.21.1), without importance and with it.
   */
  @ParameterizedTest
  @CsvSource({
    "Q8_0, 0.006996, 0.007090",
    "Q4_0, 0.111450, 0.096137",
    "Q5_0, 0.054966, 0.047184",
    "Q5_1, 0.042479, 0.029812",
    "Q4_K, 0.081230, 0.063412",
    "Q5_K, 0.041411, 0.034653",
    "Q6_K, 0.021857, 0.018563"
  })
  void no_form_is_worse_than_llama_cpps(TensorType type, double plain, double weighted) {
    float[] x = numbers();
    float[] importance = importance();
    assertThat(error(x, decoded(type, x, null), null)).isLessThan(plain * 1.0005);
    assertThat(error(x, decoded(type, x, importance), importance)).isLessThan(weighted * 1.0005);
  }

  @ParameterizedTest
  @EnumSource(names = {"Q8_0", "Q4_0", "Q5_0", "Q5_1", "Q4_K", "Q5_K", "Q6_K"})
  void what_a_block_can_hold_exactly_it_holds(TensorType type) {
    assertThat(decoded(type, new float[ROW], null)).containsOnly(0);
    float[] x = new float[ROW];
    Arrays.fill(x, -0.5f);
    for (float y : decoded(type, x, null)) {
      assertThat(y).isCloseTo(-0.5f, within(0.002f));
    }
    Arrays.fill(x, 0, 9, 0.25f);
    assertThat(decoded(type, x, new float[ROW])).doesNotContain(Float.NaN);
  }

  @Test
  void numbers_beyond_a_type_are_refused() {
    for (TensorType type : new TensorType[] {TensorType.F16, TensorType.BF16, TensorType.Q4_K}) {
      for (float bad : new float[] {Float.NaN, Float.NEGATIVE_INFINITY}) {
        float[] x = new float[ROW];
        x[3] = bad;
        assertThatIllegalArgumentException().isThrownBy(() -> decoded(type, x, null));
      }
    }
    float[] x = new float[ROW];
    x[3] = 3e38f;
    assertThatIllegalArgumentException()
        .isThrownBy(() -> decoded(TensorType.Q8_0, x, null))
        .withMessageContaining("beyond F16");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> RowEncoder.encode(TensorType.Q4_K, x, 0, 32, null, new byte[32], 0));
  }

  @Test
  void half_floats_round_to_even() {
    float[] x = {1, 1 + 0x1p-11f, 1 + 3 * 0x1p-11f, 65519, -0x1p-24f};
    byte[] bytes = new byte[2 * x.length];
    RowEncoder.encode(TensorType.F16, x, 0, x.length, null, bytes, 0);
    assertThat(bytes).containsExactly(0, 0x3C, 0, 0x3C, 2, 0x3C, 0xFF, 0x7B, 1, 0x80);
    float[] y = {1, 1 + 0x1p-8f, 1 + 3 * 0x1p-8f, -2};
    RowEncoder.encode(TensorType.BF16, y, 0, y.length, null, bytes, 0);
    assertThat(Arrays.copyOf(bytes, 8))
        .containsExactly(0x80, 0x3F, 0x80, 0x3F, 0x82, 0x3F, 0, 0xC0);
  }
}

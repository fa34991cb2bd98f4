package io.fundamentallm.runtime.cpu.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.format.GgmlReference;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;

/** Whether the judge can tell right from wrong. */
class ReferenceTransformerTest {

  @ParameterizedTest(name = "{0}")
  @MethodSource({
    "io.fundamentallm.runtime.cpu.reference.SettingCases#all",
    "io.fundamentallm.runtime.cpu.reference.FormatCases#all",
    "io.fundamentallm.runtime.cpu.reference.LaterCases#all",
    "io.fundamentallm.runtime.cpu.reference.LaterCases#inBlocks"
  })
  void logits_vary_from_token_to_token_and_with_every_setting(Case judged) {
    int[] tokens = ReferenceLogitsTest.tokens();
    double[][] logits = ReferenceTransformer.run(judged.model(), tokens).logits();
    assertThat(deviation(logits)).isBetween(1.0, 10.0);
    for (HuggingFaceModel misread : judged.unlike()) {
      double[][] others = ReferenceTransformer.run(misread, tokens).logits();
      double difference = 0;
      for (int t = 0; t < tokens.length; t++) {
        difference = Math.max(difference, Comparison.difference(others[t], logits[t]));
      }
      // a misreading must stand out from what rounding may do
      assertThat(difference).isGreaterThan(5 * Comparison.TOLERANCE);
    }
  }

  @Test
  void a_token_sees_what_stands_before_it_and_nothing_after_it() {
    int[] tokens = ReferenceLogitsTest.tokens();
    int[] start = Arrays.copyOf(tokens, 50);
    SettingCases.all()
        .forEach(
            judged -> {
              double[][] whole = ReferenceTransformer.run(judged.model(), tokens).logits();
              double[][] part = ReferenceTransformer.run(judged.model(), start).logits();
              assertThat(Arrays.copyOf(whole, 50)).as(judged.name()).isDeepEqualTo(part);
            });
  }

  /** From the tables of Abramowitz and Stegun, 7.1. */
  @ParameterizedTest
  @CsvSource({
    "0, 0",
    "0.5, 0.5204998778",
    "1, 0.8427007929",
    "2, 0.9953222650",
    "-1, -0.8427007929"
  })
  void erf_is_the_error_function(double x, double expected) {
    assertThat(PlainLayers.erf(x)).isCloseTo(expected, within(1e-10));
  }

  /** IEEE 754's own landmarks: one, the largest, the smallest normal, the smallest of all. */
  @ParameterizedTest
  @CsvSource({"1, 3C00", "-2, C000", "65504, 7BFF", "0.00006103515625, 0400", "5.9604645E-8, 0001"})
  void halves_are_those_of_ieee_754(float value, String bits) {
    short half = (short) Integer.parseInt(bits, 16);
    assertThat(GgmlReference.half(value)).isEqualTo(half);
    assertThat(GgmlReference.fromHalf(half)).isEqualTo(value);
  }

  private static double deviation(double[][] rows) {
    double sum = 0;
    double squares = 0;
    int count = 0;
    for (double[] row : rows) {
      for (double value : row) {
        sum += value;
        squares += value * value;
        count++;
      }
    }
    return Math.sqrt(squares / count - sum / count * (sum / count));
  }
}

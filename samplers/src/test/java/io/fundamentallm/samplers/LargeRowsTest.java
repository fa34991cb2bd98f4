package io.fundamentallm.samplers;

import static io.fundamentallm.samplers.Stages.kept;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.decoding.Binding;
import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Randomness;
import io.fundamentallm.decoding.Sampler;
import io.fundamentallm.decoding.Step;
import io.fundamentallm.decoding.TokenBuffer;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.NoTokenException;
import io.fundamentallm.model.NotFiniteException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows so large that other loops run than on small ones: they must not be told apart. */
class LargeRowsTest {
  private static float[] row(int size, String kind) {
    Random random = new Random(size);
    float[] row = new float[size];
    for (int i = 0; i < size; i++) {
      row[i] =
          switch (kind) {
            case "ties" -> random.nextInt(4);
            case "equal" -> 1;
            case "falling" -> -i / 100f;
            case "rising" -> i / 100f;
            case "masked" ->
                random.nextInt(3) == 0 ? (float) random.nextGaussian() : Float.NEGATIVE_INFINITY;
            default -> (float) (2 * random.nextGaussian());
          };
    }
    if (kind.equals("peaked")) {
      row[size - 2] = 25;
    }
    return row;
  }

  @ParameterizedTest
  @CsvSource({
    "8192, normal",
    "9001, ties",
    "9001, equal",
    "12289, falling",
    "12289, rising",
    "20000, masked",
    "50257, normal",
    "50257, peaked",
    "50257, equal"
  })
  void topK_keeps_what_sorting_keeps(int size, String kind) {
    float[] row = row(size, kind);
    List<Integer> order = Rows.bestFirst(row);
    for (int k : new int[] {1, 2, 40, 128, 129, 3000}) {
      assertThat(kept("top-k=" + k, row)).isEqualTo(order.stream().limit(k).sorted().toList());
    }
  }

  @ParameterizedTest
  @CsvSource({
    "4096, normal",
    "9001, ties",
    "9001, equal",
    "12289, falling",
    "12289, rising",
    "20000, masked",
    "50257, normal",
    "50257, peaked"
  })
  void topP_reaches_p_with_the_fewest(int size, String kind) {
    float[] row = row(size, kind);
    List<Integer> order = Rows.bestFirst(row);
    double total = 0;
    for (int id : order) {
      total += StrictMath.exp(row[id] - row[order.get(0)]);
    }
    for (double p : new double[] {1e-9, 0.3, 0.9, 0.999}) {
      List<Integer> kept = kept("top-p=" + p, row);
      assertThat(kept).isEqualTo(order.stream().limit(kept.size()).sorted().toList());
      double mass = 0;
      for (int id : order.subList(0, kept.size())) {
        mass += StrictMath.exp(row[id] - row[order.get(0)]) / total;
      }
      double last = StrictMath.exp(row[order.get(kept.size() - 1)] - row[order.get(0)]) / total;
      assertThat(mass).isGreaterThan(p - 2e-5 * p);
      assertThat(mass - last).isLessThan(p + 2e-5 * p);
    }
  }

  @ParameterizedTest
  @CsvSource({"8192, normal", "9001, ties", "20000, masked", "50257, normal", "50257, peaked"})
  void a_draw_takes_the_first_token_whose_cumulative_mass_is_above_u(int size, String kind) {
    float[] row = row(size, kind);
    ModelInfo info = ModelInfo.builder("test", size, 16).build();
    for (String spec : List.of("draw", "temperature=0.7", "temperature=1.9")) {
      for (int seed = 0; seed < 20; seed++) {
        Step step = new Step(info, TokenBuffer.ofPrompt(0), new Randomness(seed, 0));
        Sampler sampler = Samplers.parse(spec).bind(Binding.of(info));
        int token = sampler.sample(step.reset(row.clone()));
        Distribution exact = sampler.distribution(step.reset(row.clone())).orElseThrow();
        double before = 0;
        for (int i = 0; i < token; i++) {
          before += exact.probability(i);
        }
        double u = step.uniform(Randomness.SAMPLE);
        assertThat(exact.probability(token)).isPositive();
        assertThat(u).isBetween(before - 2e-5, before + exact.probability(token) + 2e-5);
      }
    }
  }

  @Test
  void equal_tokens_are_drawn_equally_to_the_bit() {
    int size = 16384;
    ModelInfo info = ModelInfo.builder("test", size, 16).build();
    Step step = new Step(info, TokenBuffer.ofPrompt(0), new Randomness(3, 0));
    int token = Samplers.draw().bind(Binding.of(info)).sample(step.reset(new float[size]));
    assertThat((double) token / size)
        .isCloseTo(step.uniform(Randomness.SAMPLE), within(1.0 / size));
  }

  @Test
  void a_nan_anywhere_is_found() {
    for (int bad : new int[] {0, 5000, 12287, 12288, 12300}) {
      float[] row = row(12301, "normal");
      row[bad] = Float.NaN;
      for (String spec :
          List.of("draw", "temperature=0.8", "top-k=40", "top-k=4000", "top-p=0.9")) {
        assertThatExceptionOfType(NotFiniteException.class)
            .isThrownBy(() -> kept(spec, row))
            .withMessageContaining("token " + bad)
            .withMessageContaining("NaN");
      }
    }
    float[] none = new float[12301];
    Arrays.fill(none, Float.NEGATIVE_INFINITY);
    assertThatExceptionOfType(NoTokenException.class).isThrownBy(() -> kept("top-k=40", none));
  }
}

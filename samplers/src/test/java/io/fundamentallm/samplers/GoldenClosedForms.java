package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.decoding.Distribution;
import io.fundamentallm.decoding.Logits;
import io.fundamentallm.samplers.filter.Ranking;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How the cases are run whose numbers follow from a formula. */
final class GoldenClosedForms {
  private GoldenClosedForms() {}

  static void addTo(Map<String, Consumer<GoldenCase>> table) {
    table.put(
        "closed-form/temperature",
        c -> GoldenHandlers.run(c, "temperature=" + c.param("temperature")));
    table.put(
        "closed-form/top_p", c -> GoldenHandlers.run(c, "temperature=1,top-p=" + c.param("p")));
    table.put("closed-form/top_a", c -> GoldenHandlers.run(c, "top-a=" + c.param("a")));
    table.put("closed-form/tail_free", c -> GoldenHandlers.run(c, "tail-free=" + c.param("z")));
    table.put(
        "closed-form/dynamic_temperature",
        c ->
            GoldenHandlers.run(
                c,
                "dynamic-temperature(value="
                    + c.param("temperature")
                    + ",range="
                    + c.param("range")
                    + ",exponent="
                    + c.param("exponent")
                    + ")"));
    table.put("closed-form/order_temperature_top_p", GoldenClosedForms::order);
    table.put("closed-form/repetition_sign_rule", GoldenClosedForms::signRule);
    table.put("closed-form/penalty_space_matters", GoldenClosedForms::penaltySpace);
    table.put("closed-form/inverse_cdf", GoldenClosedForms::inverseCdf);
    table.put(
        "closed-form/quadratic_smoothing",
        c ->
            GoldenHandlers.run(
                c,
                "quadratic-smoothing(factor="
                    + c.param("smoothing_factor")
                    + ",curve="
                    + c.param("smoothing_curve")
                    + ")"));
    table.put("closed-form/adaptive_p", GoldenClosedForms::adaptive);
    table.put("closed-form/mirostat_v1", GoldenClosedForms::mirostat1);
    table.put("closed-form/mirostat_v2", GoldenClosedForms::mirostat2);
  }

  private static void order(GoldenCase c) {
    String temperature = "temperature=" + c.param("temperature");
    String p = "top-p=" + c.param("p");
    for (String first : List.of("temperature_first", "top_p_first")) {
      GoldenRun run =
          GoldenRun.of(c, first.startsWith("temp") ? temperature + "," + p : p + "," + temperature);
      assertThat(run.kept())
          .containsExactly(
              Arrays.stream(GoldenCase.ints(c.expected().get(first + "_kept")))
                  .boxed()
                  .toArray(Integer[]::new));
      double[] expected = GoldenCase.numbers(c.expected().get(first + "_probs"));
      for (int token = 0; token < expected.length; token++) {
        assertThat(run.distribution().probability(token)).isCloseTo(expected[token], within(1e-7));
      }
    }
  }

  private static void signRule(GoldenCase c) {
    float[] row = {(float) GoldenCase.number(c.input(), "logit"), 0};
    GoldenRun run = GoldenRun.of(c, "repetition-penalty=" + c.param("penalty"), row, 1, 0);
    assertThat((double) run.score(0)).isEqualTo(c.expected().get("logit"));
  }

  private static void penaltySpace(GoldenCase c) {
    float[] row = new float[(int) GoldenCase.number(c.input(), "vocab_size")];
    Arrays.fill(row, (float) GoldenCase.number(c.input(), "tail_value"));
    double[] head = GoldenCase.numbers(c.input().get("logits_head"));
    for (int i = 0; i < head.length; i++) {
      row[i] = (float) head[i];
    }
    int[] seen = GoldenCase.ints(c.input().get("seen"));
    GoldenRun run =
        GoldenRun.of(c, "repetition-penalty=" + c.param("penalty"), row, seen.length, seen);
    double[] after = GoldenCase.numbers(c.expected().get("raw_logits_after"));
    int best = 0;
    for (int i = 0; i < after.length; i++) {
      assertThat((double) run.score(i)).isCloseTo(after[i], within(1e-6));
      best = run.score(i) > run.score(best) ? i : best;
    }
    assertThat((double) best).isEqualTo(c.expected().get("argmax_raw"));
  }

  private static void inverseCdf(GoldenCase c) {
    double[] probabilities = GoldenCase.numbers(c.input().get("probs"));
    int[] ids = new int[probabilities.length];
    Arrays.setAll(ids, i -> i);
    Distribution distribution = Distribution.of(ids, probabilities);
    double[] u = GoldenCase.numbers(c.input().get("u"));
    int[] expected = GoldenCase.ints(c.expected().get("tokens"));
    for (int i = 0; i < u.length; i++) {
      assertThat(distribution.draw(u[i])).isEqualTo(expected[i]);
    }
  }

  private static void adaptive(GoldenCase c) {
    double decay = c.paramValue("decay");
    AdaptiveP.Aimed adaptive =
        new AdaptiveP.Aimed(
            c.paramValue("target"),
            decay,
            c.paramValue("weighted_sum"),
            c.paramValue("total_weight"));
    assertThat(adaptive.aim())
        .isCloseTo(GoldenCase.number(c.expected(), "adapted_target"), within(1e-9));
    Logits logits = Logits.of(c.row());
    adaptive.bend(logits);
    double[] expected = GoldenCase.numbers(c.expected().get("logits"));
    for (int i = 0; i < expected.length; i++) {
      assertThat((double) logits.score(i)).isCloseTo(expected[i], within(1e-5));
    }
    adaptive.accept(1);
    double sum = 0.3 + decay * c.paramValue("weighted_sum");
    double weight = 1 + decay * c.paramValue("total_weight");
    assertThat(adaptive.aim()).isCloseTo(2 * c.paramValue("target") - sum / weight, within(1e-6));
    adaptive.rollback(1);
    assertThat(adaptive.aim())
        .isCloseTo(GoldenCase.number(c.expected(), "adapted_target"), within(1e-9));
  }

  private static void mirostat1(GoldenCase c) {
    int size = (int) c.paramValue("n_vocab");
    float[] row = new float[size]; // p_i proportional to 1/(i+1)^1.5
    for (int i = 0; i < size; i++) {
      row[i] = (float) (-1.5 * StrictMath.log(i + 1));
    }
    Logits logits = Logits.of(row);
    Ranking ranking = new Ranking();
    ranking.of(logits);
    double s = Mirostat.zipfExponent(logits, ranking, (int) c.paramValue("m"));
    assertThat(s).isCloseTo(GoldenCase.number(c.expected(), "s_hat"), within(1e-6));
    double k = Mirostat.zipfRank(s, c.paramValue("mu"), size);
    assertThat(k).isCloseTo(GoldenCase.number(c.expected(), "k_real"), within(1e-5));
    assertThat((double) (int) k).isEqualTo(c.expected().get("k"));
  }

  private static void mirostat2(GoldenCase c) {
    var mirostat =
        new Mirostat.Steered(
            0, c.paramValue("tau"), c.paramValue("eta"), c.paramValue("mu_before"));
    Distribution distribution = mirostat.distribution(Stages.step(c.row())).orElseThrow();
    double[] expected = GoldenCase.numbers(c.expected().get("probs"));
    assertThat((double) distribution.size()).isEqualTo(c.expected().get("kept_count"));
    for (int i = 0; i < expected.length; i++) {
      assertThat(distribution.probability(i)).isCloseTo(expected[i], within(1e-7));
    }
    mirostat.accept((int) c.paramValue("selected_rank")); // the input is sorted
    assertThat(mirostat.limit())
        .isCloseTo(GoldenCase.number(c.expected(), "mu_after"), within(1e-6));
  }
}

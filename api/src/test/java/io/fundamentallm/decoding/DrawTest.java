package io.fundamentallm.decoding;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.Samplers;
import io.fundamentallm.model.ModelInfo;
import java.util.List;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.FloatRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;

/** The published rule of drawing: the first token whose cumulative mass is greater than u. */
class DrawTest {
  private static final float NEVER = Float.NEGATIVE_INFINITY;

  @Test
  void softmax_gives_the_probabilities() {
    Distribution distribution =
        Distribution.softmax(Logits.of((float) Math.log(1), (float) Math.log(3), NEVER));
    assertThat(distribution.probability(0)).isCloseTo(0.25, within(1e-7));
    assertThat(distribution.probability(1)).isCloseTo(0.75, within(1e-7));
    assertThat(distribution.probability(2)).isZero();
    assertThat(distribution.probability(99)).isZero();
  }

  @Test
  void softmax_of_large_logits_does_not_overflow() {
    Distribution distribution = Distribution.softmax(Logits.of(3e38f, 3e38f, -3e38f));
    assertThat(distribution.probability(0)).isEqualTo(0.5);
    assertThat(distribution.probability(2)).isZero();
  }

  @Test
  void filtered_tokens_are_not_listed() {
    Logits logits = Logits.of(1, 2, 3, 4);
    logits.retainIf(index -> index % 2 == 1);
    Distribution distribution = Distribution.softmax(logits);
    assertThat(distribution.size()).isEqualTo(2);
    assertThat(distribution.token(0)).isEqualTo(1);
    assertThat(distribution.token(1)).isEqualTo(3);
  }

  @Test
  void the_first_token_whose_cumulative_mass_exceeds_u_is_drawn() {
    Distribution halves = Distribution.softmax(Logits.of(NEVER, 0, 0, NEVER));
    assertThat(halves.draw(0)).isEqualTo(1);
    assertThat(halves.draw(Math.nextDown(0.5))).isEqualTo(1);
    assertThat(halves.draw(0.5)).isEqualTo(2);
    assertThat(halves.draw(Math.nextDown(1.0))).isEqualTo(2);
  }

  @Test
  void a_certain_token_is_drawn_for_every_u() {
    Distribution certain = Distribution.certain(7);
    assertThat(certain.draw(0)).isEqualTo(7);
    assertThat(certain.draw(Math.nextDown(1.0))).isEqualTo(7);
    assertThat(certain.probability(7)).isEqualTo(1);
  }

  @Property
  void a_token_of_zero_probability_is_never_drawn(
      @ForAll @Size(min = 1, max = 20) List<@FloatRange(min = -900, max = 0) Float> scores,
      @ForAll long seed) {
    float[] row = new float[scores.size() + 1];
    for (int i = 0; i < scores.size(); i++) {
      row[i] = scores.get(i) < -450 ? NEVER : scores.get(i);
    }
    row[scores.size()] = -500;
    Distribution distribution = Distribution.softmax(Logits.of(row));
    double any = new Randomness(seed, 0).uniform(0, 0);
    for (double u : new double[] {0, any, Math.nextDown(1.0)}) {
      assertThat(distribution.probability(distribution.draw(u))).isPositive();
    }
  }

  @Property(tries = 200)
  void the_choice_of_a_sampler_is_the_draw_from_its_distribution(
      @ForAll @Size(min = 1, max = 20) List<@FloatRange(min = -9, max = 9) Float> scores,
      @ForAll long seed) {
    float[] row = new float[scores.size()];
    for (int i = 0; i < row.length; i++) {
      row[i] = scores.get(i);
    }
    ModelInfo info = ModelInfo.builder("none", row.length, 9).build();
    Step step = new Step(info, TokenBuffer.ofPrompt(0, 0, 0), new Randomness(seed, 0));
    Sampler draw = Samplers.draw().bind(Binding.of(info));
    double u = new Randomness(seed, 0).uniform(3, Randomness.SAMPLE);
    Distribution distribution = Distribution.softmax(Logits.of(row));
    assertThat(draw.sample(step.reset(row.clone()))).isEqualTo(distribution.draw(u));
  }

  @Test
  void greedy_takes_the_lowest_of_the_best() {
    ModelInfo info = ModelInfo.builder("none", 4, 9).build();
    Step step = new Step(info, TokenBuffer.ofPrompt(0), new Randomness(0, 0));
    Sampler greedy = Samplers.greedy().bind(Binding.of(info));
    assertThat(greedy.sample(step.reset(new float[] {1, 4, 4, 3}))).isEqualTo(1);
    assertThat(greedy.distribution(step.reset(new float[] {1, 4, 4, 3})))
        .hasValueSatisfying(only -> assertThat(only.probability(1)).isEqualTo(1));
  }
}

package io.fundamentallm.spark;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalStateException;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class OuterOptimizerTest {
  /** By hand, with the gradient -d of torch.optim.SGD(lr=0.7, momentum=0.9, nesterov=True). */
  @Test
  void it_moves_weights_as_pytorch_does() {
    float[][] weights = {{1}};
    OuterOptimizer outer = new OuterOptimizer(0.7, 0.9, weights, OuterOptimizer.zeros(weights));
    outer.step(new double[][] {{2 * 0.5}}, 2); // d = 0.5, m = 0.5, moves 0.7 (0.5 + 0.45)
    assertThat(weights[0][0]).isCloseTo(1.665f, within(1e-6f));
    outer.step(new double[][] {{2 * -0.25}}, 2); // m = 0.2, moves 0.7 (-0.25 + 0.18)
    assertThat(weights[0][0]).isCloseTo(1.616f, within(1e-6f));
    assertThat(outer.moment()[0][0]).isCloseTo(0.2f, within(1e-6f));
  }

  @Test
  void with_rate_1_and_no_momentum_it_takes_the_mean_of_the_workers() {
    float[][] weights = {{1, 2}, {3}};
    OuterOptimizer outer = new OuterOptimizer(1, 0, weights, OuterOptimizer.zeros(weights));
    outer.step(new double[][] {{3, -3}, {1.5}}, 3);
    assertThat(weights).isDeepEqualTo(new float[][] {{2, 1}, {3.5f}});
  }

  @Test
  void the_sum_has_the_same_bits_in_whatever_order_and_grouping() {
    Random random = new Random(1);
    List<float[][]> differences = new ArrayList<>();
    double exact = 0;
    for (int i = 0; i < 40; i++) {
      float value = (float) (random.nextGaussian() * Math.pow(10, random.nextInt(8) - 6));
      differences.add(new float[][] {{value}, {1, -value}});
      exact += value;
    }
    double[][] expected = sum(differences);
    assertThat(expected[0][0]).isCloseTo(exact, within(1e-10));
    for (int trial = 0; trial < 100; trial++) {
      Collections.shuffle(differences, random);
      int cut = random.nextInt(41);
      double[][] merged =
          ExactSum.merge(sum(differences.subList(0, cut)), sum(differences.subList(cut, 40)));
      assertThat(merged).isDeepEqualTo(expected);
    }
  }

  private static double[][] sum(List<float[][]> differences) {
    double[][] sum = {};
    for (float[][] difference : differences) {
      sum = ExactSum.add(sum, difference);
    }
    return sum;
  }

  @Test
  void a_weight_that_flies_off_is_an_error() {
    assertThatIllegalStateException()
        .isThrownBy(() -> ExactSum.add(new double[0][], new float[][] {{1e5f}}))
        .withMessageContaining("the training diverges");
    assertThatIllegalStateException()
        .isThrownBy(() -> ExactSum.add(new double[0][], new float[][] {{Float.NaN}}));
  }
}

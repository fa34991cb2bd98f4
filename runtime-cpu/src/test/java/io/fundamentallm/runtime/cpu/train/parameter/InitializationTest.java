package io.fundamentallm.runtime.cpu.train.parameter;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.fundamentallm.runtime.cpu.kernels.team.Parallel;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitializationTest {

  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(65, 32, 64, 2, 4);
  private static final ParameterLayout LAYOUT = new ParameterLayout(CONFIG);

  private static float[] parameters(long seed, int threads) {
    return parameters(CONFIG, seed, threads);
  }

  private static float[] parameters(TrainableConfig config, long seed, int threads) {
    try (Parallel parallel = Parallel.ofThreads(threads)) {
      return Initialization.parameters(config, new ParameterLayout(config), seed, parallel);
    }
  }

  @Test
  void deviations_are_those_of_nanogpt() {
    float[] parameters = parameters(1337, 1);
    for (ParameterLayout.Tensor tensor : LAYOUT.tensors()) {
      double sum = 0;
      double squares = 0;
      for (int i = tensor.offset(); i < tensor.offset() + tensor.size(); i++) {
        sum += parameters[i];
        squares += (double) parameters[i] * parameters[i];
      }
      double mean = sum / tensor.size();
      double deviation = Math.sqrt(Math.max(0, squares / tensor.size() - mean * mean));
      String name = tensor.name();
      if (name.endsWith(".bias")) {
        assertThat(squares).as(name).isZero();
      } else if (name.contains("ln_")) {
        assertThat(mean).as(name).isEqualTo(1);
        assertThat(deviation).as(name).isZero();
      } else {
        double expected = name.endsWith("c_proj.weight") ? 0.01 : 0.02;
        assertThat(mean).as(name).isCloseTo(0, within(1.5e-3));
        assertThat(deviation).as(name).isCloseTo(expected, within(0.05 * expected));
      }
    }
  }

  @Test
  void the_seed_decides() {
    float[] once = parameters(1, 1);
    assertThat(parameters(1, 1)).isEqualTo(once);
    assertThat(parameters(2, 1)).isNotEqualTo(once);
  }

  @Test
  void the_number_of_threads_does_not() {
    TrainableConfig several = TrainableConfig.gpt2(1000, 32, 64, 1, 4); // pieces of a tensor
    float[] alone = parameters(several, 1, 1);
    for (int threads = 2; threads <= 4; threads++) {
      assertThat(parameters(several, 1, threads)).isEqualTo(alone);
    }
  }

  /** Recorded once: another JDK must come to the same bits. */
  @Test
  void a_seed_gives_the_recorded_bits() {
    float[] parameters = parameters(1337, 1);
    assertThat(Arrays.hashCode(parameters)).isEqualTo(635506800);
  }
}

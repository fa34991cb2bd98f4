package io.fundamentallm.runtime.cpu.train.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.Arrays;
import org.junit.jupiter.api.Test;

class InitializationTest {

  private static final TrainableConfig CONFIG = TrainableConfig.gpt2(65, 32, 64, 2, 4);
  private static final ParameterLayout LAYOUT = new ParameterLayout(CONFIG);

  @Test
  void deviations_are_those_of_nanogpt() {
    float[] parameters = Initialization.parameters(CONFIG, LAYOUT, 1337);
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
    float[] once = Initialization.parameters(CONFIG, LAYOUT, 1);
    assertThat(Initialization.parameters(CONFIG, LAYOUT, 1)).isEqualTo(once);
    assertThat(Initialization.parameters(CONFIG, LAYOUT, 2)).isNotEqualTo(once);
  }

  /** Recorded once: another JDK must come to the same bits. */
  @Test
  void a_seed_gives_the_recorded_bits() {
    float[] parameters = Initialization.parameters(CONFIG, LAYOUT, 1337);
    assertThat(Arrays.hashCode(parameters)).isEqualTo(635506800);
  }
}

package io.fundamentallm.runtime.cpu.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.runtime.cpu.train.parameter.TrainableConfig;
import org.junit.jupiter.api.Test;

class TrainableConfigTest {

  @Test
  void a_shape_knows_its_head_size() {
    TrainableConfig config = TrainableConfig.gpt2(65, 64, 128, 4, 4);
    assertThat(config.headSize()).isEqualTo(32);
    assertThat(config.normEpsilon()).isEqualTo(1e-5f);
  }

  @Test
  void sizes_below_one_are_refused_by_name() {
    assertRefused(
        () -> TrainableConfig.gpt2(0, 64, 128, 4, 4), "vocabularySize must be 1 or more, not 0");
    assertRefused(
        () -> TrainableConfig.gpt2(65, 0, 128, 4, 4), "contextLength must be 1 or more, not 0");
    assertRefused(
        () -> TrainableConfig.gpt2(65, 64, -1, 4, 4), "hiddenSize must be 1 or more, not -1");
    assertRefused(() -> TrainableConfig.gpt2(65, 64, 128, 0, 4), "layers must be 1 or more, not 0");
    assertRefused(() -> TrainableConfig.gpt2(65, 64, 128, 4, 0), "heads must be 1 or more, not 0");
  }

  @Test
  void heads_must_divide_the_hidden_size() {
    assertRefused(
        () -> TrainableConfig.gpt2(65, 64, 128, 4, 3),
        "hiddenSize must be a multiple of heads, but 128 is not a multiple of 3");
  }

  @Test
  void epsilon_must_lie_between_zero_and_one() {
    assertRefused(
        () -> TrainableConfig.gpt2(65, 64, 128, 4, 4, 0f),
        "normEpsilon must be above 0 and below 1, not 0.0");
    assertRefused(
        () -> TrainableConfig.gpt2(65, 64, 128, 4, 4, Float.NaN),
        "normEpsilon must be above 0 and below 1, not NaN");
  }

  private static void assertRefused(
      org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String message) {
    assertThatThrownBy(call).isInstanceOf(IllegalArgumentException.class).hasMessage(message);
  }
}

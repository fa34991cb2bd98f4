package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Samplers;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NoRepeatNGramTest {
  private static final float[] ROW = {3, 2, 1};

  @ParameterizedTest
  @ValueSource(
      strings = {
        "no-repeat-n-gram=0",
        "no-repeat-n-gram(value=0,source=prompt)",
        "temperature=0.7,no-repeat-n-gram=0"
      })
  void zero_is_off(String spec) {
    // the prompt is token 0, which any N would have to look at
    assertThat(Stages.kept(spec + ",top-k=2", ROW)).containsExactly(0, 1);
  }

  @Test
  void one_forbids_every_token_that_was() {
    assertThat(Stages.kept("no-repeat-n-gram=1,top-k=2", ROW)).containsExactly(1, 2);
  }

  @Test
  void a_negative_number_is_refused_with_what_was_expected() {
    assertThatIllegalArgumentException()
        .isThrownBy(() -> Samplers.parse("no-repeat-n-gram=-1"))
        .withMessageContaining("no-repeat-n-gram")
        .withMessageContaining("-1");
  }
}

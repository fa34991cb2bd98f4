package io.fundamentallm.samplers;

import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import io.fundamentallm.Samplers;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Numbers in specs are in decimal notation. */
class NotationTest {
  @Test
  void what_only_java_takes_for_a_number_is_refused() {
    for (String number : List.of("1d", "1f", "0x1p-1", "NaN", "Infinity")) {
      for (String spec : List.of("top-p=", "top-k=", "temperature=", "logit-bias=1:")) {
        assertThatIllegalArgumentException()
            .as(spec + number)
            .isThrownBy(() -> Samplers.parse(spec + number))
            .withMessageContaining(number + "\" is not ");
      }
    }
    Samplers.parse("top-p=.5,logit-bias=1:-2.5e1;2:+3;3:-inf");
  }
}

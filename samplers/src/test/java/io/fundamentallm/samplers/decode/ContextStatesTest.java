package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.decoding.ContextPolicy.Evict;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class ContextStatesTest {
  @Test
  void hidden_states_follow_what_is_kept_without_reading_it_again() {
    float[][] first = {{1, 0}, {0, 1}, {1, 1}};
    ContextStates three = ContextStates.none().after(0, Optional.empty(), first);
    float[][] fresh = {{2, 0}};
    assertThat(three.after(3, Optional.empty(), fresh).similarityOfLast()).isEqualTo(1);
    ContextStates without = three.after(2, Optional.of(new Evict(0, 1)), fresh);
    assertThat(without.size()).isEqualTo(3);
    assertThat(without.similarityOfLast()).isEqualTo(1 / Math.sqrt(2));
    ContextStates cut = three.after(1, Optional.empty(), new float[][] {{0, 3}});
    assertThat(cut.similarityOfLast()).isZero();
  }
}

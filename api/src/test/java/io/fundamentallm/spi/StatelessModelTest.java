package io.fundamentallm.spi;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.model.Session;
import org.junit.jupiter.api.Test;

/** The contract of every model, for one whose rows tell all tokens before them. */
class StatelessModelTest extends LanguageModelContract {
  @Override
  protected LanguageModel model() {
    return StatelessModel.of(
        ModelInfo.builder("sum", 17, 48).device("memory"),
        (tokens, length, logits) -> {
          int hash = 1;
          for (int i = 0; i < length; i++) {
            hash = 31 * hash + tokens[i] + 1;
          }
          for (int i = 0; i < logits.length; i++) {
            logits[i] = Math.floorMod(hash * (i + 1), 101) / 25f;
          }
        });
  }

  @Test
  void what_the_function_throws_leaves_the_session_as_it_was() {
    try (LanguageModel broken =
            StatelessModel.of(
                ModelInfo.builder("broken", 3, 8).device("memory"),
                (tokens, length, logits) -> {
                  if (length == 3) {
                    throw new IllegalStateException("no third");
                  }
                });
        Session session = broken.open()) {
      session.append(new int[] {1}, new float[3]);
      assertThatThrownBy(() -> session.append(new int[] {1, 2}, new float[3], new float[3]))
          .hasMessage("no third");
      assertThat(session.length()).isEqualTo(1);
      session.append(new int[] {2}, new float[3]);
      assertThat(session.length()).isEqualTo(2);
    }
  }
}

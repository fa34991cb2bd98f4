package io.fundamentallm.contract;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import io.fundamentallm.spi.StatelessModel;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** The contract sees what a runtime does wrong; those that do it right run it themselves. */
class LanguageModelContractTest {
  @Test
  void an_entry_that_a_pass_leaves_out_is_seen() throws Exception {
    LanguageModelContract contract =
        new LanguageModelContract() {
          @Override
          protected LanguageModel model() {
            return StatelessModel.of(
                ModelInfo.builder("broken", 17, 48).device("memory"),
                (tokens, length, logits) -> Arrays.fill(logits, 1, logits.length, 0));
          }
        };
    contract.openModel();
    try {
      assertThatThrownBy(contract::every_entry_of_a_row_is_written)
          .isInstanceOf(AssertionError.class)
          .hasMessageContaining("row 0 of 8, the logit of token 0: NaN was there before the pass");
    } finally {
      contract.closeModel();
    }
  }
}

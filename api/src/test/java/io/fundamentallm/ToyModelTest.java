package io.fundamentallm;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.LanguageModel;
import java.util.Set;
import org.junit.jupiter.api.Nested;

/** The toy model of the contracts passes the contract, with and without its capabilities. */
class ToyModelTest {
  @Nested
  class With_every_capability extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return new ToyModel(ToyModel.info(50, 40).endTokens(Set.of(3)).build(), ToyModel.hashing());
    }
  }

  @Nested
  class Without_any extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return new ToyModel(ToyModel.info(50, 40).capabilities().build(), ToyModel.hashing());
    }
  }
}

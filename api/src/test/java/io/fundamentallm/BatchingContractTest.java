package io.fundamentallm;

import io.fundamentallm.contract.LanguageModelContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.model.BatchingLimits;
import io.fundamentallm.model.LanguageModel;
import io.fundamentallm.model.ModelInfo;
import org.junit.jupiter.api.Nested;

/** A batching model is a model like any other, also where its passes are too small for a prompt. */
class BatchingContractTest {
  private static LanguageModel batching(ModelInfo.Builder info, BatchingLimits limits) {
    return LanguageModels.batching(new ToyModel(info.build(), ToyModel.hashing()), limits);
  }

  @Nested
  class With_every_capability extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return batching(ToyModel.info(50, 40), BatchingLimits.defaults());
    }
  }

  @Nested
  class Without_any extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return batching(ToyModel.info(50, 40).capabilities(), BatchingLimits.defaults());
    }
  }

  @Nested
  class In_small_pieces extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return batching(ToyModel.info(50, 40), new BatchingLimits(7, 2, 3, 100));
    }
  }

  @Nested
  class In_small_pieces_without_any_capability extends LanguageModelContract {
    @Override
    protected LanguageModel model() {
      return batching(ToyModel.info(50, 40).capabilities(), new BatchingLimits(7, 2, 3, 100));
    }
  }
}

package io.fundamentallm.samplers.decode;

import static org.assertj.core.api.Assertions.assertThat;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.contract.ToyModel;
import io.fundamentallm.decoding.Decoder;
import io.fundamentallm.decoding.DraftProposer.Draft;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Nested;

/** The contract of decoders, by every way to guess and to check. */
class SpeculativeContractTest {
  @Nested
  class PromptLookupCompared extends OfSpec {
    PromptLookupCompared() {
      super("speculative(min-n=1)");
    }
  }

  @Nested
  class PromptLookupByRejection extends OfSpec {
    PromptLookupByRejection() {
      super("speculative(mode=rejection,chained=true,match=longest-earliest)");
    }
  }

  /** A draft model that knows nothing of the scripts, and everything of the arbitrary logits. */
  abstract static class WithDraftModel extends DecoderContract {
    private final ToyModel draft = new ToyModel(ToyModel.info(258, 40).build(), ToyModel.hashing());

    Decoder drafting(String spec) {
      Decoder decoder = Decoders.parse(spec);
      return (model, prompt, options) ->
          decoder.decode(model, prompt, options.toBuilder().draft(draft).build());
    }

    @AfterEach
    void no_session_of_the_draft_is_left() {
      assertThat(draft.openSessions()).isZero();
    }
  }

  @Nested
  class DraftModelCompared extends WithDraftModel {
    @Override
    protected Decoder decoder() {
      return drafting("speculative");
    }
  }

  @Nested
  class DraftModelByRejection extends WithDraftModel {
    @Override
    protected Decoder decoder() {
      return drafting("speculative(mode=rejection,tokens=3)");
    }
  }

  @Nested
  class GuessesThatAreAlwaysTheSame extends DecoderContract {
    @Override
    protected Decoder decoder() {
      Decoder decoder = Decoders.parse("speculative");
      return (model, prompt, options) ->
          decoder.decode(
              model,
              prompt,
              options.toBuilder()
                  .draft(
                      binding ->
                          (sequence, count, cancellation) ->
                              new Draft(
                                  List.of((int) 'a', (int) 'b').subList(0, Math.min(2, count)),
                                  List.of()))
                  .build());
    }
  }
}

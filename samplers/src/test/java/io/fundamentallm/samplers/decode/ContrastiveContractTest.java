package io.fundamentallm.samplers.decode;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.decoding.Decoder;
import org.junit.jupiter.api.Nested;

class ContrastiveContractTest {
  @Nested
  class Plain extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("contrastive");
    }
  }

  @Nested
  class OfOne extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("contrastive(k=1)");
    }
  }

  @Nested
  class Wide extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("contrastive(k=12,alpha=0.3)");
    }
  }
}

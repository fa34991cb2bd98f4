package io.fundamentallm.samplers.decode;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.decoding.Decoder;
import org.junit.jupiter.api.Nested;

class BeamContractTest {
  @Nested
  class Plain extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam");
    }
  }

  @Nested
  class OfOne extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam(width=1)");
    }
  }

  @Nested
  class Wide extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam(width=9,n=3,length-penalty=0.6,early-stopping=false)");
    }
  }

  @Nested
  class PreferringShort extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam(width=3,length-penalty=-1,early-stopping=true)");
    }
  }

  @Nested
  class Drawn extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam(width=4,sample=true)");
    }
  }

  @Nested
  class Diverse extends DecoderContract {
    @Override
    protected Decoder decoder() {
      return Decoders.parse("beam(width=6,groups=3,diversity-penalty=0.5,n=6)");
    }
  }
}

package io.fundamentallm;

import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.decoding.Decoder;

/** Plain sampling passes the contract of decoders. */
class SamplingTest extends DecoderContract {
  @Override
  protected Decoder decoder() {
    return Decoders.sampling();
  }
}

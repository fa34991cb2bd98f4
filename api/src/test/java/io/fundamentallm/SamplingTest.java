package io.fundamentallm;

import io.fundamentallm.contract.DecoderContract;

/** Plain sampling passes the contract of decoders. */
class SamplingTest extends DecoderContract {
  @Override
  protected Decoder decoder() {
    return Decoders.sampling();
  }
}

package io.fundamentallm.samplers.decode;

import io.fundamentallm.Decoders;
import io.fundamentallm.contract.DecoderContract;
import io.fundamentallm.decoding.Decoder;

/** The contract of the decoder that a spec names. */
abstract class OfSpec extends DecoderContract {
  private final String spec;

  OfSpec(String spec) {
    this.spec = spec;
  }

  @Override
  protected Decoder decoder() {
    return Decoders.parse(spec);
  }
}

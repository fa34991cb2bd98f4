package io.fundamentallm.spi;

import io.fundamentallm.decoding.Decoder;

/** Provides one way of driving a model, such as sampling or beam search. */
public interface DecoderProvider extends Provider {
  /**
   * Makes the decoder; it is used for many generations, by many threads.
   *
   * @throws IllegalArgumentException for an option out of range, as {@link Options} throws it
   */
  Decoder create(Options options);
}

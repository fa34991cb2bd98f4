/**
 * From logits to the next token and the end of the text: {@link io.fundamentallm.decoding.Sampler}
 * chooses a token, {@link io.fundamentallm.decoding.Decoder} writes sequences of them, under {@link
 * io.fundamentallm.decoding.DecodingOptions}. For authors of stages and decoders: {@link
 * io.fundamentallm.decoding.Logits}, {@link io.fundamentallm.decoding.Step}, {@link
 * io.fundamentallm.decoding.Transcript}.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.decoding;

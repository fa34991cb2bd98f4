/**
 * A tokenizer put together: added tokens, normalizer, pre-tokenizer, model, post-processor,
 * decoder.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.pipeline;

/**
 * The providers of tokenizers. Everything is read and written in the layout of Hugging Face's
 * {@code tokenizer.json} with {@code tokenizer_config.json} beside it.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers;

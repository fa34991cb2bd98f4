/** Tokenizer files: tokenizer.json, .tiktoken, SentencePiece's .model, GGUF and their like. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.format;

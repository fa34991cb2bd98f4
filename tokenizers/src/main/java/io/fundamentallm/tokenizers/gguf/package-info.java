/** The tokenizer within a GGUF file, read and written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.gguf;

/** The tokenizer section of a GGUF file: its keys, and how they are written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.tokenizers.gguf.section;

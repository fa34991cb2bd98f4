/**
 * Files of models: directories of Hugging Face transformers, GGUF files, LoRA adapters. Untrusted
 * input, atomic output.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format;

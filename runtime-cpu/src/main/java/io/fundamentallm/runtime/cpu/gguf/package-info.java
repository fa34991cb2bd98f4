/** Writes models as GGUF files, for llama.cpp and what is built on it. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.gguf;

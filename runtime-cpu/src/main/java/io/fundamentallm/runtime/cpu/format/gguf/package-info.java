/** GGUF: header, keys, tensors, and the configuration that they amount to. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.gguf;

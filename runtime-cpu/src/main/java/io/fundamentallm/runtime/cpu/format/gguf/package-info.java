/** GGUF: header, keys, tensors, and the configuration that they describe. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.gguf;

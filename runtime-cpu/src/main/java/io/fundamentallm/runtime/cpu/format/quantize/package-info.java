/** Rounds rows of weights to the blocks of ggml's types. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.quantize;

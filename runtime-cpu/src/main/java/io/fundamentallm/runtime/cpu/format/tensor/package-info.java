/** Tensors as files store them: types, blocks, orders of heads. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.tensor;

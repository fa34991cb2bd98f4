/** Tensors of files, as they lie there: types, blocks, orders of heads. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.tensor;

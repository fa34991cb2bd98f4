/** A training on disk, so that it continues to the same bits. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.checkpoint;

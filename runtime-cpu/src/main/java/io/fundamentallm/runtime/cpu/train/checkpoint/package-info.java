/** A training on disk, so that it goes on to the same bits. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.checkpoint;

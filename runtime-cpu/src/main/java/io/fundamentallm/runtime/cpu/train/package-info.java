/** Training: forward and backward of each layer, the optimiser, and the loop around them. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train;

/**
 * What all families of kernels share: registers, prefetching, sums along a row, exp, 16-bit floats.
 */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.math;

import org.jspecify.annotations.NullMarked;

/** Operations on one element at a time: sums, factors, activations, dropout. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.elementwise;

import org.jspecify.annotations.NullMarked;

/** LayerNorm and RMSNorm, forward and backward. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.norm;

import org.jspecify.annotations.NullMarked;

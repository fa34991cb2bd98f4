/** Matrix products: of floats, and of rows with the packed weights of a linear layer. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.product;

import org.jspecify.annotations.NullMarked;

/** The inner loops of optimisers and averages. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.update;

import org.jspecify.annotations.NullMarked;

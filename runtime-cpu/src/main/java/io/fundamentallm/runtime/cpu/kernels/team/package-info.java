/** The threads that compute together. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.team;

import org.jspecify.annotations.NullMarked;

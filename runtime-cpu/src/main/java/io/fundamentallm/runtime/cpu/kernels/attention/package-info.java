/** Softmax and what is built on it: attention over a cache, and cross-entropy. */
@NullMarked
package io.fundamentallm.runtime.cpu.kernels.attention;

import org.jspecify.annotations.NullMarked;

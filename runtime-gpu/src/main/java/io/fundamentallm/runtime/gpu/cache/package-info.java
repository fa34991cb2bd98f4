/** Keys and values between two runs: fed back, written in place, or computed again. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.gpu.cache;

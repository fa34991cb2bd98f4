/** Native arrays, on the host or on the device, and the budget that they are counted in. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.gpu.memory;

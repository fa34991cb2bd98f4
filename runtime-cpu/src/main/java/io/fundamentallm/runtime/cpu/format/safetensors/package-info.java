/** safetensors, read and written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.safetensors;

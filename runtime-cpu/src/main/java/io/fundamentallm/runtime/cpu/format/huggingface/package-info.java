/** config.json of the families that are read and written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format.huggingface;

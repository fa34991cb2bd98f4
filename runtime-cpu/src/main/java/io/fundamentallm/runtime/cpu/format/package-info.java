/** Files of a model directory: config.json, model.safetensors. Untrusted input, atomic output. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.format;

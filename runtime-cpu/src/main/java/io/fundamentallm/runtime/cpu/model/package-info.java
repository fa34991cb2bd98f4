/** Inference: the transformer's forward pass, sessions, and their keys and values in blocks. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.model;

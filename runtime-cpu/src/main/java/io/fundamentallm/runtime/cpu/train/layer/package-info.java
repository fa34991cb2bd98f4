/** The trainable transformer: forward and backward, layer by layer. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.layer;

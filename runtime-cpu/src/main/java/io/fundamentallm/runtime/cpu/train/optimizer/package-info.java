/** From gradients to steps: optimizers and their learning rates. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.optimizer;

/** From gradients to optimizer steps: optimizers and their learning rates. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.optimizer;

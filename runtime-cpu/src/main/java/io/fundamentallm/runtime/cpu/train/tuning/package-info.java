/** What is trained: a whole model or its adapters, from the beginning or from another model. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.tuning;

/**
 * What a trained model is made of: its shape, where its tensors lie in one array, and their first
 * values.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.train.parameter;

package io.fundamentallm.runtime.cpu.train.layer;

/**
 * What a backward pass works with.
 *
 * @param parameters the flat array
 * @param gradients of the same layout
 * @param fresh whether the gradients of matrices are written instead of added
 * @param pass how the batch went through the model
 */
@SuppressWarnings("ArrayRecordComponent") // places in arrays, never compared
record Backward(float[] parameters, float[] gradients, boolean fresh, Pass pass) {}

/** The wire format in which ONNX files and TensorBoard's event files are written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.protobuf;

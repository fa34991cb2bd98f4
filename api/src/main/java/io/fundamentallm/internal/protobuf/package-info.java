/** The wire format in which ONNX files are written. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.internal.protobuf;

/** Export of models to ONNX, for ONNX Runtime and whatever else runs such graphs. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.onnx;

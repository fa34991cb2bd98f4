/** Export of models to ONNX, for ONNX Runtime and anything else that runs such graphs. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.cpu.onnx;

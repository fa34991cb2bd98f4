/** What an ONNX file offers: its graph's inputs, outputs and precision, and the files beside it. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.gpu.graph;

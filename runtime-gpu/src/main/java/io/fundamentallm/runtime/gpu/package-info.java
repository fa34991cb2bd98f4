/**
 * The runtime named {@code gpu}: any ONNX decoder on ONNX Runtime, on CUDA or on its CPU kernels.
 * Found by {@link io.fundamentallm.LanguageModels}; options in {@link
 * io.fundamentallm.runtime.gpu.GpuProvider}.
 */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.gpu;

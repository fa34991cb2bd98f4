/** ONNX Runtime: sessions, the device they run on, and cancellation. */
@org.jspecify.annotations.NullMarked
package io.fundamentallm.runtime.gpu.ort;

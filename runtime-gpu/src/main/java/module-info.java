/**
 * Language models on ONNX Runtime. The application brings ONNX Runtime itself: the artifact {@code
 * com.microsoft.onnxruntime:onnxruntime} or {@code onnxruntime_gpu}, as the module {@code
 * com.microsoft.onnxruntime}, which it has to require or add ({@code --add-modules}).
 */
@org.jspecify.annotations.NullMarked
module io.fundamentallm.runtime.gpu {
  requires transitive io.fundamentallm;
  requires org.slf4j;
  requires static com.microsoft.onnxruntime;
  requires static com.sun.jna;
  requires static org.jspecify;

  exports io.fundamentallm.runtime.gpu;

  provides io.fundamentallm.spi.LanguageModelProvider with
      io.fundamentallm.runtime.gpu.GpuProvider;
}
